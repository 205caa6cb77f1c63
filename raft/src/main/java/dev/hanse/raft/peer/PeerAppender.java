package dev.hanse.raft.peer;

import static dev.hanse.raft.peer.RatisTuning.HEARTBEAT_MS;

import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's side towards one follower. One thread sends entries, one message at a time with all
 * that has come meanwhile, and tells at once how far commits have come. Another sees to it that
 * there are heartbeats, so that neither a slow disk of the follower nor a large message is taken
 * for a dead leader or a dead follower; they do not wait for each other's answers, which may be
 * late. Threads of the platform, because what else a manager does must not hold them up. A follower
 * that is behind the beginning of the log is told so and fetches a snapshot by itself ({@link
 * SnapshotFetch}).
 */
final class PeerAppender extends LogAppenderBase {
  private static final Logger log = LoggerFactory.getLogger(PeerAppender.class);
  private static final Duration HEARTBEAT = Duration.ofMillis(HEARTBEAT_MS);
  private static final long INSTALLING_POLL_MS = 100;
  private static final long COMMIT_POLL_MS = 20;
  private static final int WARN_EVERY = 100;

  /** Heartbeats to one follower that are not answered yet. */
  private static final int HEARTBEATS_MAX = 4;

  private static final Executor SENDERS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("hanse-log-heartbeat-", 0).factory());

  private final Health health;
  private final Semaphore heartbeats = new Semaphore(HEARTBEATS_MAX);
  private volatile long answeredNanos = System.nanoTime() - 1_000_000L * HEARTBEAT_MS;
  private int failures;

  PeerAppender(
      RaftServer.Division server, LeaderState leader, FollowerInfo follower, Health health) {
    super(server, leader, follower);
    this.health = health;
  }

  @Override
  public long getCallId() {
    return CallId.get();
  }

  @Override
  public Comparator<Long> getCallIdComparator() {
    return CallId.getComparator();
  }

  @Override
  public void run() throws InterruptedException, IOException {
    OwnerThread heart =
        OwnerThread.named(health, this + "-heart").every(HEARTBEAT, this::beat).start();
    try {
      while (isRunning()) {
        long pauseMs = step();
        if (isRunning() && pauseMs > 0) {
          getEventAwaitForSignal().await(pauseMs, TimeUnit.MILLISECONDS);
        }
      }
    } finally {
      heart.interruptAndEnd();
    }
  }

  /** Ratis would send no entries when a heartbeat is due; heartbeats go their own way here. */
  @Override
  public long getHeartbeatWaitTimeMs() {
    return HEARTBEAT_MS;
  }

  /** Sends what there is to send; returns how long to wait for more. */
  private long step() throws InterruptedException, IOException {
    try {
      Optional<TermIndex> snapshot = wantsSnapshot();
      if (snapshot.isPresent()) {
        long pauseMs = notifyOfSnapshot(snapshot.get());
        failures = 0;
        return pauseMs;
      }
      if (!hasAppendEntries() && !behindCommit()) {
        return getServer().properties().minRpcTimeoutMs();
      }
      boolean entries = hasAppendEntries();
      append(entries);
      failures = 0;
      return entries || !behindCommit() ? 0 : COMMIT_POLL_MS;
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      if (failures++ % WARN_EVERY == 0) {
        log.warn("manager {} does not answer: {}", getFollowerId(), e.getMessage());
      }
      // Signals for new entries come often; a manager that is away need not be asked each time.
      TimeUnit.MILLISECONDS.sleep(retryMs());
      return 0;
    }
  }

  private long retryMs() {
    return getServer().properties().minRpcTimeoutMs() / 4L;
  }

  private boolean behindCommit() {
    return getFollower().getCommitIndex()
        < Math.min(getRaftLog().getLastCommittedIndex(), getFollower().getMatchIndex());
  }

  private void append(boolean entries) throws IOException {
    AppendEntriesRequestProto request = newAppendEntriesRequest(CallId.getAndIncrement(), !entries);
    if (request == null || !isRunning()) {
      return;
    }
    AppendEntriesReplyProto reply = send(request);
    switch (reply.getResult()) {
      case SUCCESS -> appended(request, reply);
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case INCONSISTENCY -> {
        if (request.getEntriesCount() > 0) {
          long first = request.getEntries(0).getIndex();
          long next = getNextIndexForInconsistency(first, reply.getNextIndex());
          getFollower().setNextIndex(next);
        }
      }
      case UNRECOGNIZED -> throw new IOException("unknown result " + reply.getResult());
    }
    getLeaderState().onAppendEntriesReply(this, reply);
  }

  private AppendEntriesReplyProto send(AppendEntriesRequestProto request) throws IOException {
    Timestamp sent = Timestamp.currentTime();
    getFollower().updateLastRpcSendTime(request.getEntriesCount() == 0);
    AppendEntriesReplyProto reply = getServerRpc().appendEntries(request);
    answeredNanos = System.nanoTime();
    getFollower().updateLastRpcResponseTime();
    getFollower().updateLastRespondedAppendEntriesSendTime(sent);
    getLeaderState().onFollowerCommitIndex(getFollower(), reply.getFollowerCommit());
    return reply;
  }

  private void appended(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
    if (request.getEntriesCount() == 0) {
      return; // Its next index says nothing: entries behind may be of another leader.
    }
    long next = request.getEntries(request.getEntriesCount() - 1).getIndex() + 1;
    if (reply.getNextIndex() != next) {
      log.warn(
          "manager {} expects entry {} next, not {}: its answer is ignored",
          getFollowerId(),
          reply.getNextIndex(),
          next);
      return;
    }
    getFollower().updateMatchIndex(next - 1);
    getFollower().increaseNextIndex(next);
    getLeaderState().onFollowerSuccessAppendEntries(getFollower());
  }

  private void beat() {
    if (!isRunning()) {
      return; // The appender's own thread is about to end this one.
    }
    boolean quiet = System.nanoTime() - answeredNanos >= HEARTBEAT.toNanos() / 2;
    if (quiet && heartbeats.tryAcquire()) {
      SENDERS.execute(this::heartbeat);
    }
    if (!getLeaderState().isFollowerBootstrapping(getFollower())) {
      // Ratis would step down when answers are late; LeaderWatch knows better.
      getFollower().updateLastRpcResponseTime();
    }
  }

  private void heartbeat() {
    try {
      AppendEntriesRequestProto request = newAppendEntriesRequest(CallId.getAndIncrement(), true);
      AppendEntriesReplyProto reply = send(request);
      if (reply.getResult() == AppendEntriesReplyProto.AppendResult.NOT_LEADER) {
        onFollowerTerm(reply.getTerm());
      }
      getLeaderState().onAppendEntriesReply(this, reply);
      if (hasAppendEntries()) {
        notifyLogAppender();
      }
    } catch (IOException | RuntimeException e) {
      log.debug("heartbeat to {}", getFollowerId(), e);
    } finally {
      heartbeats.release();
    }
  }

  /** The first entry that there is, if the follower needs older ones. */
  private Optional<TermIndex> wantsSnapshot() {
    FollowerInfo follower = getFollower();
    RaftLog entries = getRaftLog();
    long next = entries.getNextIndex();
    long start = entries.getStartIndex();
    boolean available = start != RaftLog.INVALID_LOG_INDEX && follower.getNextIndex() >= start;
    if (available || follower.getNextIndex() >= next) {
      if (!follower.hasAttemptedToInstallSnapshot()) {
        follower.setAttemptedToInstallSnapshot(); // A new member that needs none.
      }
      return Optional.empty();
    }
    return Optional.of(
        Optional.ofNullable(entries.getTermIndex(start))
            .orElseGet(() -> TermIndex.valueOf(getServer().getInfo().getCurrentTerm(), next)));
  }

  private long notifyOfSnapshot(TermIndex firstAvailable) throws IOException {
    getFollower().updateLastRpcSendTime(false);
    InstallSnapshotReplyProto reply =
        getServerRpc().installSnapshot(newInstallSnapshotNotificationRequest(firstAvailable));
    getFollower().updateLastRpcResponseTime();
    return switch (reply.getResult()) {
      case SNAPSHOT_INSTALLED, ALREADY_INSTALLED -> {
        getFollower().setSnapshotIndex(reply.getSnapshotIndex());
        getFollower().setAttemptedToInstallSnapshot();
        getLeaderState().onFollowerCommitIndex(getFollower(), reply.getSnapshotIndex());
        getLeaderState().onFollowerSuccessAppendEntries(getFollower());
        yield 0L;
      }
      case NOT_LEADER -> {
        onFollowerTerm(reply.getTerm());
        yield INSTALLING_POLL_MS;
      }
      case IN_PROGRESS, SUCCESS, SNAPSHOT_UNAVAILABLE, SNAPSHOT_EXPIRED, CONF_MISMATCH ->
          INSTALLING_POLL_MS;
      case UNRECOGNIZED -> throw new IOException("unknown result " + reply.getResult());
    };
  }
}
