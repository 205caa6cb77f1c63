package dev.hanse.raft;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * Ratis' settings for one member: small buffers, no waiting for an election that nobody contests.
 */
final class RatisTuning {
  /** One entry; the log's write buffer is as large, and resident. */
  static final int ENTRY_BYTES_MAX = 2 * 1024 * 1024;

  /** Room for an entry's term, index and ids. */
  private static final int ENVELOPE_BYTES = 4 * 1024;

  private static final int SEGMENT_BYTES = 4 * 1024 * 1024;

  /** Written as zeros ahead of the entries, so that a flush need not change the file's size. */
  private static final int PREALLOCATED_BYTES = 1024 * 1024;

  private static final int SNAPSHOTS_KEPT = 2;
  private static final int CACHED_SEGMENTS = 2;

  private RatisTuning() {}

  static RaftProperties properties(Path directory, long snapshotEntries) {
    RaftProperties properties = new RaftProperties();
    org.apache.ratis.RaftConfigKeys.Rpc.setType(properties, new LocalRpcType());
    RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
    log(properties);
    snapshots(properties, snapshotEntries);
    times(properties);
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
    // Else each commit writes a second entry that only says how far commits have come; the leader
    // of
    // one member knows.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
    RaftServerConfigKeys.Log.setCorruptionPolicy(
        properties, RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION);
  }

  private static void snapshots(RaftProperties properties, long snapshotEntries) {
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, snapshotEntries);
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, SNAPSHOTS_KEPT);
  }

  private static void times(RaftProperties properties) {
    TimeDuration millisecond = TimeDuration.ONE_MILLISECOND;
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, millisecond);
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
        properties, TimeDuration.valueOf(2, TimeUnit.MILLISECONDS));
    // Also the interval at which idle threads look around.
    RaftServerConfigKeys.Rpc.setTimeoutMin(
        properties, TimeDuration.valueOf(500, TimeUnit.MILLISECONDS));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.ONE_SECOND);
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, false);
    // A machine that slept (a suspended laptop, a stopped VM) has lost nothing: it is alone.
    TimeDuration never = TimeDuration.valueOf(3650, TimeUnit.DAYS);
    RaftServerConfigKeys.setSleepDeviationThreshold(properties, never);
    RaftServerConfigKeys.setCloseThreshold(properties, never);
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, never);
    // Nobody sends a proposal twice.
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.ONE_SECOND);
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
