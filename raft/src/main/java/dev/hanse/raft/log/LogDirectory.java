package dev.hanse.raft.log;

import dev.hanse.kernel.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.server.storage.RaftStorageDirectory;

/**
 * Where things are in a log's directory. Ratis keeps a group's files in a directory named by the
 * group; ours has the same name everywhere, which log it is says {@link GroupOrigin}.
 */
public record LogDirectory(Path directory) {
  /** The one group that Ratis has here. */
  public static final UUID GROUP =
      UUID.nameUUIDFromBytes("hanse".getBytes(StandardCharsets.US_ASCII));

  /** The directory of the one group. */
  public Path group() {
    return directory.resolve(GROUP.toString());
  }

  /** The segments. */
  public Path current() {
    return group().resolve("current");
  }

  /** The snapshots. */
  public Path states() {
    return group().resolve(RaftStorageDirectory.STATE_MACHINE_DIR_NAME);
  }

  /** A group's directory that shall take the place of the present one. */
  public Path next() {
    return directory.resolve(GROUP + ".new");
  }

  /** Whether a log was begun in it. */
  public boolean hasLog() {
    return Files.isDirectory(group());
  }

  /** Is this member the only one, as far as the files tell? */
  public boolean alone(String nodeId, boolean founder) throws IOException {
    Path configuration = current().resolve("raft-meta.conf");
    if (!Files.exists(configuration)) {
      return founder;
    }
    RaftConfigurationProto members =
        LogEntryProto.parseFrom(Files.readAllBytes(configuration)).getConfigurationEntry();
    return members.getOldPeersCount() == 0
        && members.getPeersCount() == 1
        && members.getPeers(0).getId().toStringUtf8().equals(nodeId);
  }

  /** Puts the directory {@link #next} in place, which is complete; begun again after a crash. */
  public void replaceGroup() throws IOException {
    Path old = directory.resolve(GROUP + ".old");
    if (Files.exists(group())) {
      delete(old);
      DurableFile.move(group(), old);
    }
    GroupOrigin.found(directory);
    DurableFile.move(next(), group());
    delete(old);
  }

  /** Finishes or forgets what {@link #replaceGroup} had begun before a crash. */
  public void recover() throws IOException {
    if (Files.exists(next())) {
      if (hasLog()) {
        delete(next());
      } else {
        replaceGroup();
      }
    }
  }

  /** Removes a tree of files. */
  public static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(tree)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
