package dev.hanse.raft;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.model.RaftEnvelope;
import dev.hanse.raft.log.GroupOrigin;
import dev.hanse.raft.log.LogCorruptedException;
import dev.hanse.raft.log.LogDirectory;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.log.SnapshotPolicy;
import dev.hanse.raft.peer.PeerTransport;
import dev.hanse.raft.peer.Peers;
import dev.hanse.raft.peer.RatisTuning;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log on Apache Ratis.
 *
 * <p>Ratis gives a log up for good when one write fails. A full disk is no reason to stop, so this
 * class then fails what is open, closes Ratis, keeps the state in memory for readers, and opens the
 * log again as soon as the disk has room. A group of one does so without the entries that were
 * never acknowledged; with other members they stay, because here they may have been acknowledged to
 * them.
 */
public final class RatisLog implements ReplicatedLog {
  private static final Logger log = LoggerFactory.getLogger(RatisLog.class);

  private static final Duration REOPEN_INTERVAL = Duration.ofMillis(500);

  /** Room for the next piece of a segment and a small snapshot; less is not worth an attempt. */
  private static final long REOPEN_BYTES_MIN = 2 * 1024 * 1024;

  private final LogSettings settings;
  private final AppliedState state;
  private final StateMachine.Applied applied = new StateMachine.Applied();
  private final GroupOrigin origin;
  private final Peers peers;
  private final OpenLog.Owner owner = new Roles();

  // Guards opening, closing and failing; never held while an entry is written.
  private final ReentrantLock lifecycle = new ReentrantLock();
  private volatile @Nullable OpenLog open;
  private volatile String unavailable = "the log is not open";
  private volatile SnapshotPolicy policy;
  private volatile OptionalLong leaderTerm = OptionalLong.empty();
  private volatile boolean closed;
  private @Nullable Thread reopening;
  private Optional<String> toldLeader = Optional.empty();

  private RatisLog(LogSettings settings, AppliedState state, PeerTransport transport)
      throws IOException {
    this.settings = settings;
    this.state = state;
    this.policy = settings.snapshots();
    OwnFiles.directory(settings.directory());
    LogDirectory files = new LogDirectory(settings.directory());
    files.recover();
    this.origin = GroupOrigin.open(settings.directory(), settings.start(), files.hasLog());
    this.peers = new Peers(settings.self(), origin, settings.keys(), transport, settings.health());
  }

  /**
   * Opens the log: checks its files and restores the last snapshot. If this is the only member, it
   * applies what follows and returns when entries can be proposed; else that depends on the others,
   * so it returns at once.
   *
   * @param transport reaches the other members; they reach this one by {@link #receive}
   * @throws LogCorruptedException if a file is damaged, other than by a torn last record
   * @throws IOException if the directory cannot be used, or another process uses it
   */
  public static RatisLog open(LogSettings settings, AppliedState state, PeerTransport transport)
      throws IOException {
    RatisLog log = new RatisLog(settings, state, transport);
    log.lifecycle.lock();
    try {
      log.openAgain(OptionalLong.empty());
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    } finally {
      log.lifecycle.unlock();
    }
    return log;
  }

  /**
   * Makes a new log with this member alone of what is in the directory: the newest snapshot and all
   * entries after it, committed or not, so that nothing acknowledged is missing. The other members
   * of the old log are not listened to any more. The log must be closed.
   *
   * @param state that nothing was applied to yet; afterwards what the log holds
   * @return the index of the last entry
   * @throws IOException if files cannot be read or written, or another process uses them; the
   *     directory is then as before, or the new log is finished when it is opened
   */
  public static long rewriteAlone(LogSettings settings, AppliedState state) throws IOException {
    return new Recovery(settings).rewriteAlone(state);
  }

  /**
   * Reads what is in the directory, committed or not, and changes nothing but what opening would:
   * to know something of the state before the log can be opened. The log must be closed.
   *
   * @param state that nothing was applied to yet
   * @throws IOException if there is no log, or it cannot be read, or another process uses it
   */
  public static void read(LogSettings settings, AppliedState state) throws IOException {
    new Recovery(settings).readAll(state);
  }

  /**
   * Makes a new log with this member alone of a saved state, to be opened afterwards.
   *
   * @param index of the last entry contained in the state; the log goes on behind it
   * @param saved as {@link AppliedState#save} has written it
   * @throws IOException if the directory holds a log, or cannot be written
   */
  public static void importState(LogSettings settings, long index, InputStream saved)
      throws IOException {
    new Recovery(settings).importState(index, saved);
  }

  @Override
  public CompletableFuture<Long> propose(byte[] entry) {
    return propose(checked(entry), Optional.empty());
  }

  private static byte[] checked(byte[] entry) {
    if (entry.length > RatisTuning.ENTRY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "entry of " + entry.length + " bytes, at most " + RatisTuning.ENTRY_BYTES_MAX);
    }
    return entry;
  }

  private CompletableFuture<Long> propose(byte[] entry, Optional<EntryLine> line) {
    OpenLog current = open;
    return current == null ? unavailable() : current.propose(entry, line);
  }

  @Override
  public Line line(long term) {
    return new EntryLine(term, (entry, line) -> propose(checked(entry), Optional.of(line)));
  }

  private <T> CompletableFuture<T> unavailable() {
    return CompletableFuture.failedFuture(new LogUnavailableException(unavailable));
  }

  @Override
  public int entryBytesMax() {
    return RatisTuning.ENTRY_BYTES_MAX;
  }

  @Override
  public long appliedIndex() {
    return applied.index();
  }

  @Override
  public boolean isLeader() {
    return leaderTerm.isPresent();
  }

  @Override
  public Optional<String> leader() {
    OpenLog current = open;
    return current == null ? Optional.empty() : current.leader();
  }

  @Override
  public List<Member> members() {
    OpenLog current = open;
    return current == null ? List.of() : current.members();
  }

  @Override
  public CompletableFuture<Void> addMember(Member member) {
    OpenLog current = open;
    return current == null ? unavailable() : current.membership().add(member);
  }

  @Override
  public CompletableFuture<Void> removeMember(String nodeId) {
    OpenLog current = open;
    return current == null ? unavailable() : current.membership().remove(nodeId);
  }

  @Override
  public CompletableFuture<Void> transferLeadership() {
    OpenLog current = open;
    CompletableFuture<Void> result = new CompletableFuture<>();
    if (current == null || !current.leads()) {
      result.complete(null);
      return result;
    }
    Thread.ofVirtual()
        .name("hanse-log-transfer")
        .start(
            () -> {
              try {
                current.membership().transfer();
                result.complete(null);
              } catch (LogUnavailableException | InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  /** Changes when the state is saved, and what is kept, from the next time on. */
  public void snapshots(SnapshotPolicy changed) {
    policy = changed;
    OpenLog current = open;
    if (current != null) {
      current.policy(changed);
    }
  }

  /**
   * Answers what another member's transport has sent here; blocks.
   *
   * @param sender the node id that the transport has proven
   * @param request as given to {@link PeerTransport#call}, from a manager of this cluster
   * @throws IOException if it cannot be answered now
   */
  public byte[] receive(String sender, byte[] request) throws IOException {
    OpenLog current = open;
    if (current == null) {
      throw new IOException(unavailable);
    }
    RaftEnvelope envelope = peers.receive(sender, request);
    if (current.isExcluded()) {
      Thread.ofVirtual().name("hanse-log-return").start(() -> comeBack(current));
      throw new IOException("the log is about to be opened again");
    }
    return current.answer(envelope).toByteArray();
  }

  @Override
  public void close() {
    lifecycle.lock();
    try {
      closed = true;
      unavailable = "the log is closed";
      if (reopening != null) {
        reopening.interrupt();
      }
      closeOpen();
    } finally {
      lifecycle.unlock();
    }
  }

  private void openAgain(OptionalLong cutAfter) throws IOException {
    OpenLog opening = new OpenLog(settings, origin, state, applied, peers, policy, cutAfter, owner);
    open = opening;
    try {
      opening.start();
    } catch (IOException | RuntimeException e) {
      open = null;
      opening.close("the log could not be opened");
      roles();
      throw e;
    }
  }

  /** What an opened log tells; one that was given up is not listened to any more. */
  private final class Roles implements OpenLog.Owner {
    @Override
    public void rolesChanged(OpenLog from) {
      if (from == open) {
        roles();
      }
    }

    @Override
    public void failed(OpenLog from, Throwable cause) {
      Thread.ofVirtual().name("hanse-log-failed").start(() -> giveUp(from, cause));
    }

    @Override
    public void broken(OpenLog from, Throwable cause) {
      Thread.ofVirtual().name("hanse-log-broken").start(() -> abandon(from, cause));
    }
  }

  /** Looks and tells at one go, so that nobody tells what was true before. */
  private synchronized void roles() {
    OpenLog current = open;
    OptionalLong now = current == null ? OptionalLong.empty() : current.leaderTerm();
    if (!leaderTerm.equals(now)) {
      if (leaderTerm.isPresent() && now.isPresent()) {
        state.leadership(OptionalLong.empty());
      }
      leaderTerm = now;
      state.leadership(now);
    }
    Optional<String> known = leader();
    if (!known.equals(toldLeader)) {
      toldLeader = known;
      state.leaderChanged(known);
    }
  }

  private void giveUp(OpenLog failed, Throwable cause) {
    lifecycle.lock();
    try {
      if (open != failed || closed) {
        return;
      }
      unavailable = "the log cannot be written: " + OpenLog.innermost(cause);
      log.error("{}; changes are refused until it can be written again", unavailable, cause);
      boolean alone = failed.membership().alone();
      closeOpen();
      OptionalLong cutAfter = alone ? OptionalLong.of(applied.index()) : OptionalLong.empty();
      reopening = Thread.ofVirtual().name("hanse-log-reopen").start(() -> reopen(cutAfter));
    } finally {
      lifecycle.unlock();
    }
  }

  /**
   * Who is no member is sent nothing, so this one is about to be taken in again. It goes on with
   * what it has: its entries are a beginning of the group's, but for those that were never
   * acknowledged, and its vote stands.
   */
  private void comeBack(OpenLog excluded) {
    lifecycle.lock();
    try {
      if (open != excluded || closed) {
        return;
      }
      closeOpen();
      openAgain(OptionalLong.empty());
      log.info("the log is open again; waiting for the other managers to take this one in");
    } catch (IOException | RuntimeException e) {
      unavailable = "the log cannot be opened: " + OpenLog.innermost(e);
      log.warn("{}", unavailable);
      reopening =
          Thread.ofVirtual().name("hanse-log-reopen").start(() -> reopen(OptionalLong.empty()));
    } finally {
      lifecycle.unlock();
    }
  }

  private void abandon(OpenLog broken, Throwable cause) {
    lifecycle.lock();
    try {
      if (open != broken || closed) {
        return;
      }
      unavailable = "the log cannot be read: " + OpenLog.innermost(cause);
      log.error("{}; this manager takes no part until it is started again", unavailable, cause);
      closeOpen();
    } finally {
      lifecycle.unlock();
    }
  }

  private void reopen(OptionalLong cutAfter) {
    while (true) {
      try {
        Thread.sleep(REOPEN_INTERVAL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return; // Closed.
      }
      lifecycle.lock();
      try {
        if (closed) {
          return;
        }
        FileStore disk = Files.getFileStore(settings.directory());
        if (disk.getUsableSpace() >= REOPEN_BYTES_MIN) {
          openAgain(cutAfter);
          log.info("the log can be written again");
          return;
        }
      } catch (IOException | RuntimeException e) {
        log.warn(
            "the log in {} still cannot be opened, trying again: {}",
            settings.directory(),
            e.toString());
      } finally {
        lifecycle.unlock();
      }
    }
  }

  private void closeOpen() {
    OpenLog current = open;
    open = null;
    if (current != null) {
      current.close(unavailable);
    }
    roles();
  }

  /** The directory, for messages. */
  @Override
  public String toString() {
    return "RatisLog[" + settings.directory() + ", applied " + applied.index() + "]";
  }
}
