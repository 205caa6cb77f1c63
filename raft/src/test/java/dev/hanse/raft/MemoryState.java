package dev.hanse.raft;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** A list of the entries applied. */
final class MemoryState implements AppliedState {
  private final List<String> entries = new ArrayList<>();
  private long restoredFrom = -1;
  private boolean leader;
  private int leadershipChanges;
  private long term = -1;
  private Optional<String> knownLeader = Optional.empty();

  synchronized List<String> entries() {
    return List.copyOf(entries);
  }

  synchronized long restoredFrom() {
    return restoredFrom;
  }

  synchronized boolean leader() {
    return leader;
  }

  /** In which it led last. */
  synchronized long term() {
    return term;
  }

  synchronized int leadershipChanges() {
    return leadershipChanges;
  }

  synchronized Optional<String> knownLeader() {
    return knownLeader;
  }

  @Override
  public synchronized void leaderChanged(Optional<String> nodeId) {
    knownLeader = nodeId;
  }

  @Override
  public synchronized void restore(long index, InputStream saved) throws IOException {
    DataInputStream in = new DataInputStream(saved);
    entries.clear();
    for (int count = in.readInt(); count > 0; count--) {
      entries.add(in.readUTF());
    }
    restoredFrom = index;
  }

  @Override
  public synchronized void apply(long index, byte[] entry) {
    entries.add(new String(entry, StandardCharsets.UTF_8));
  }

  @Override
  public synchronized void save(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(entries.size());
    for (String entry : entries) {
      data.writeUTF(entry);
    }
    data.flush();
  }

  @Override
  public synchronized void leadership(OptionalLong now) {
    leader = now.isPresent();
    now.ifPresent(begun -> term = begun);
    leadershipChanges++;
    notifyAll();
  }

  synchronized void awaitLeader() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!leader) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("not leader within 20 s");
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }
}
