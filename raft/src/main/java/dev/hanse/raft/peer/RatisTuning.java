package dev.hanse.raft.peer;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * Ratis' settings: small buffers, no waiting for an election that nobody contests, and a leader
 * that was killed is replaced within about a second.
 */
public final class RatisTuning {
  /** One entry; the log's write buffer is as large, and resident. */
  public static final int ENTRY_BYTES_MAX = 2 * 1024 * 1024;

  /** Room for an entry's term, index and ids. */
  private static final int ENVELOPE_BYTES = 4 * 1024;

  private static final int SEGMENT_BYTES = 4 * 1024 * 1024;

  /** Written as zeros ahead of the entries, so that a flush need not change the file's size. */
  private static final int PREALLOCATED_BYTES = 1024 * 1024;

  private static final int CACHED_SEGMENTS = 2;

  /** A member that was away shortly gets entries, not a whole snapshot. Docker keeps as many. */
  private static final int ENTRIES_FOR_SLOW_MEMBERS = 500;

  /**
   * A follower that has not heard of the leader for a time between these two suspects it, see
   * {@link LeaderSuspicion}. Also the interval at which idle threads look around.
   */
  static final int ELECTION_MS_MIN = 500;

  /** Longest wait for a leader before an election, ms. */
  public static final int ELECTION_MS_MAX = 800;

  /** The leader is heard of at least so often. */
  static final int HEARTBEAT_MS = 200;

  /**
   * A thread that has slept so much too long was not run: nothing can be said of the leader then.
   */
  private static final int PAUSE_MS = 150;

  /** A leader that was stopped for so long has most likely been replaced; else it goes on. */
  private static final int LEADER_PAUSE_MS = 5_000;

  /** How long a new member may not answer before its joining is given up. */
  private static final int STAGING_SECONDS = 10;

  /** A new member votes when no more entries are missing. */
  private static final int STAGING_ENTRIES = 100;

  private RatisTuning() {}

  /**
   * The settings.
   *
   * @param alone does the group have one member now? It then leads at once
   */
  public static RaftProperties properties(Path directory, boolean alone) {
    RaftProperties properties = new RaftProperties();
    org.apache.ratis.RaftConfigKeys.Rpc.setType(properties, new PeerRpcType());
    RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
    log(properties);
    snapshots(properties);
    times(properties, alone);
    threads(properties);
    return properties;
  }

  private static void log(RaftProperties properties) {
    SizeInBytes largest = SizeInBytes.valueOf(ENTRY_BYTES_MAX + ENVELOPE_BYTES);
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, largest);
    RaftServerConfigKeys.Log.setWriteBufferSize(
        properties, SizeInBytes.valueOf(largest.getSize() + 8));
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(SEGMENT_BYTES));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        properties, SizeInBytes.valueOf(PREALLOCATED_BYTES));
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, CACHED_SEGMENTS);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf(SEGMENT_BYTES));
    // Else each commit writes a second entry that only says how far commits have come. The leader
    // knows, and tells the others.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
    RaftServerConfigKeys.Log.setCorruptionPolicy(
        properties, RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION);
  }

  private static void snapshots(RaftProperties properties) {
    // Their number can change while the log runs, so we trigger and clean up ourselves.
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, ENTRIES_FOR_SLOW_MEMBERS);
    // A member that is too far behind is told so and fetches a snapshot: SnapshotFetch.
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, false);
  }

  private static void times(RaftProperties properties, boolean alone) {
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
        properties, milliseconds(alone ? 1 : ELECTION_MS_MIN));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
        properties, milliseconds(alone ? 2 : ELECTION_MS_MAX));
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, milliseconds(ELECTION_MS_MIN));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, milliseconds(ELECTION_MS_MAX));
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    RaftServerConfigKeys.setSleepDeviationThreshold(properties, milliseconds(PAUSE_MS));
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(
        properties, milliseconds(LEADER_PAUSE_MS));
    // A machine that slept (a suspended laptop, a stopped VM) has lost nothing.
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(3650, TimeUnit.DAYS));
    RaftServerConfigKeys.setStagingTimeout(
        properties, TimeDuration.valueOf(STAGING_SECONDS, TimeUnit.SECONDS));
    RaftServerConfigKeys.setStagingCatchupGap(properties, STAGING_ENTRIES);
    // Nobody sends a proposal twice.
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.ONE_SECOND);
  }

  private static TimeDuration milliseconds(int count) {
    return TimeDuration.valueOf(count, TimeUnit.MILLISECONDS);
  }

  private static void threads(RaftProperties properties) {
    RaftServerConfigKeys.ThreadPool.setProxyCached(properties, true);
    RaftServerConfigKeys.ThreadPool.setServerCached(properties, true);
    RaftServerConfigKeys.ThreadPool.setClientCached(properties, true);
    RaftServerConfigKeys.ThreadPool.setServerSize(properties, 1);
    RaftServerConfigKeys.ThreadPool.setClientSize(properties, 1);
    RaftServerConfigKeys.ThreadPool.setProxySize(properties, 1);
  }
}
