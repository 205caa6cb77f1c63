package dev.hanse.raft;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log on Apache Ratis, as a group of one member.
 *
 * <p>Ratis gives a log up for good when one write fails. A full disk is no reason to stop, so this
 * class then fails what is open, closes Ratis, keeps the state in memory for readers, and opens the
 * log again as soon as the disk has room, without the entries that were never acknowledged.
 */
public final class RatisLog implements ReplicatedLog {
  private static final Logger log = LoggerFactory.getLogger(RatisLog.class);

  /** One log per directory, so its name need not differ between clusters. */
  private static final UUID GROUP =
      UUID.nameUUIDFromBytes("hanse".getBytes(StandardCharsets.US_ASCII));

  /** The largest message between members, in bytes; what carries them must allow as much. */
  public static final int MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

  private static final Duration LEADER_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration REOPEN_INTERVAL = Duration.ofMillis(500);

  /** Room for the next piece of a segment and a small snapshot; less is not worth an attempt. */
  private static final long REOPEN_BYTES_MIN = 2 * 1024 * 1024;

  private final LogSettings settings;
  private final AppliedState state;
  private final StateMachine.Applied applied = new StateMachine.Applied();
  private final RaftPeerId memberId;
  private final RaftGroupId groupId = RaftGroupId.valueOf(GROUP);
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();

  /** Proposals that wait for their commit, by call id. */
  private final Map<Long, CompletableFuture<Long>> open = new ConcurrentHashMap<>();

  // Guards opening, closing and failing; never held while an entry is written.
  private final ReentrantLock lifecycle = new ReentrantLock();
  private volatile @Nullable RaftServer server;
  private volatile String unavailable = "the log is not open";
  private volatile boolean leader;
  private volatile boolean closed;
  private @Nullable Thread reopening;

  private RatisLog(LogSettings settings, AppliedState state) {
    this.settings = settings;
    this.state = state;
    this.memberId = RaftPeerId.valueOf(settings.self().nodeId());
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
    RatisLog log = new RatisLog(settings, state);
    log.lifecycle.lock();
    try {
      log.openServer(OptionalLong.empty());
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    } finally {
      log.lifecycle.unlock();
    }
    return log;
  }

  /**
   * Makes the log of a group with this member alone, which begins with a saved state. To be opened
   * afterwards.
   *
   * @param index the log index of the state; the log goes on behind it
   * @param state as {@link AppliedState#save} has written it
   * @throws IOException if the directory holds a log, or cannot be written
   */
  public static void importState(LogSettings settings, long index, InputStream state)
      throws IOException {
    StateImport.run(settings.directory().resolve(GROUP.toString()), index, state);
  }

  @Override
  public CompletableFuture<Long> propose(byte[] entry) {
    if (entry.length > RatisTuning.ENTRY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "entry of " + entry.length + " bytes, at most " + RatisTuning.ENTRY_BYTES_MAX);
    }
    RaftServer current = server;
    if (current == null) {
      return CompletableFuture.failedFuture(new LogUnavailableException(unavailable));
    }
    long callId = callIds.incrementAndGet();
    CompletableFuture<Long> result = new CompletableFuture<>();
    open.put(callId, result);
    var unused = result.whenComplete((index, error) -> open.remove(callId));
    submit(current, callId, entry, result);
    if (server == null) {
      failOpen(); // It was closed while we submitted, and perhaps did not see ours.
    }
    return result;
  }

  private void submit(
      RaftServer current, long callId, byte[] entry, CompletableFuture<Long> result) {
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(clientId)
            .setServerId(memberId)
            .setGroupId(groupId)
            .setCallId(callId)
            .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(entry)))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    try {
      var unused =
          current
              .submitClientRequestAsync(request)
              .whenComplete((reply, error) -> complete(result, reply, error));
    } catch (IOException e) {
      complete(result, null, e);
    }
  }

  private void complete(
      CompletableFuture<Long> result, @Nullable RaftClientReply reply, @Nullable Throwable error) {
    if (reply != null && reply.isSuccess()) {
      result.complete(reply.getLogIndex());
      return;
    }
    String reason = server == null ? unavailable : "the log refused the entry";
    Throwable cause = error != null || reply == null ? error : reply.getException();
    result.completeExceptionally(
        cause == null
            ? new LogUnavailableException(reason)
            : new LogUnavailableException(reason + ": " + cause.getMessage(), cause));
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
    return leader;
  }

  @Override
  public Optional<String> leader() {
    return leader ? Optional.of(settings.self().nodeId()) : Optional.empty();
  }

  @Override
  public List<Member> members() {
    return List.of(settings.self());
  }

  @Override
  public CompletableFuture<Void> addMember(Member member) {
    return alone();
  }

  @Override
  public CompletableFuture<Void> removeMember(String nodeId) {
    return alone();
  }

  @Override
  public CompletableFuture<Void> transferLeadership() {
    return alone();
  }

  private static CompletableFuture<Void> alone() {
    return CompletableFuture.failedFuture(
        new LogUnavailableException("this log has one member only"));
  }

  /**
   * Answers what another member's transport has sent here.
   *
   * @param request as given to {@link PeerTransport#call}, from a manager of this cluster
   * @throws IOException if it cannot be answered now
   */
  @SuppressWarnings("DoNotCallSuggester") // Until there are others.
  public byte[] receive(byte[] request) throws IOException {
    throw new IOException("this log has one member only");
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
      closeServer();
    } finally {
      lifecycle.unlock();
    }
  }

  private void openServer(OptionalLong cutAfter) throws IOException {
    Files.createDirectories(settings.directory());
    Path group = settings.directory().resolve(GROUP.toString());
    OptionalLong snapshot =
        latestSnapshot(group.resolve(RaftStorageDirectory.STATE_MACHINE_DIR_NAME));
    new SegmentScan(group.resolve("current"), snapshot, cutAfter).run();
    CompletableFuture<Void> ready = new CompletableFuture<>();
    RaftServer opening = newServer(new StateMachine(state, applied, new Watch(ready)));
    try {
      opening.start();
      ready.get(LEADER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      closeQuietly(opening);
      throw corruptionIn(e);
    } catch (RuntimeException | ExecutionException | TimeoutException e) {
      closeQuietly(opening);
      throw corruptionIn(new IOException("opening the log in " + settings.directory(), e));
    } catch (InterruptedException e) {
      closeQuietly(opening);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while opening the log", e);
    }
    server = opening;
    becomeLeader(true);
  }

  private RaftServer newServer(StateMachine machine) throws IOException {
    RaftPeer self = RaftPeer.newBuilder().setId(memberId).build();
    try {
      return RaftServer.newBuilder()
          .setServerId(memberId)
          .setGroup(RaftGroup.valueOf(groupId, self))
          .setStateMachine(machine)
          .setProperties(RatisTuning.properties(settings.directory(), settings.snapshotEntries()))
          .setOption(RaftStorage.StartupOption.RECOVER)
          .build();
    } catch (IOException e) {
      throw corruptionIn(e);
    }
  }

  /** Ratis wraps what our code has thrown; the caller wants ours. */
  private static IOException corruptionIn(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof LogCorruptedException corrupted) {
        return corrupted;
      }
    }
    return e;
  }

  private static OptionalLong latestSnapshot(Path directory) {
    OptionalLong latest = OptionalLong.empty();
    String[] names = directory.toFile().list();
    for (String name : names == null ? new String[0] : names) {
      Matcher matcher = SimpleStateMachineStorage.SNAPSHOT_REGEX.matcher(name);
      if (matcher.matches()) {
        latest = OptionalLong.of(Math.max(latest.orElse(-1), Long.parseLong(matcher.group(2))));
      }
    }
    return latest;
  }

  /** What one opened server tells; a server that is given up is not listened to any more. */
  private final class Watch implements StateMachine.Events {
    private final CompletableFuture<Void> ready;

    Watch(CompletableFuture<Void> ready) {
      this.ready = ready;
    }

    @Override
    public void leaderReady() {
      ready.complete(null);
    }

    @Override
    public void notLeader() {
      if (ready.isDone()) {
        becomeLeader(false);
      }
    }

    @Override
    public void logFailed(Throwable cause) {
      if (ready.completeExceptionally(cause)) {
        return; // Failed while opening; openServer tells.
      }
      Thread.ofVirtual().name("hanse-log-failed").start(() -> giveUp(cause));
    }
  }

  private void giveUp(Throwable cause) {
    lifecycle.lock();
    try {
      if (server == null || closed) {
        return;
      }
      unavailable = "the log cannot be written: " + innermost(cause);
      log.error("{}; nothing is accepted until it can be", unavailable, cause);
      closeServer();
      reopening = Thread.ofVirtual().name("hanse-log-reopen").start(this::reopen);
    } finally {
      lifecycle.unlock();
    }
  }

  private void reopen() {
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
          openServer(OptionalLong.of(applied.index()));
          log.info("the log can be written again");
          return;
        }
      } catch (IOException | RuntimeException e) {
        log.warn("the log still cannot be opened: {}", e.toString());
      } finally {
        lifecycle.unlock();
      }
    }
  }

  private void closeServer() {
    RaftServer current = server;
    server = null;
    if (current != null) {
      failOpen();
      closeQuietly(current);
    }
    becomeLeader(false);
    failOpen();
  }

  private void failOpen() {
    for (CompletableFuture<Long> proposal : List.copyOf(open.values())) {
      proposal.completeExceptionally(new LogUnavailableException(unavailable));
    }
  }

  private void becomeLeader(boolean now) {
    if (leader != now) {
      leader = now;
      state.leadership(now);
      state.leaderChanged(leader());
    }
  }

  private static void closeQuietly(RaftServer server) {
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      log.warn("closing the log: {}", e.toString());
    }
  }

  private static String innermost(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  /** The directory, for messages. */
  @Override
  public String toString() {
    return "RatisLog["
        + settings.directory()
        + File.separator
        + ", applied "
        + applied.index()
        + "]";
  }
}
