package dev.hanse.raft.log;

import dev.hanse.kernel.file.DurableFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

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
    RaftConfigurationProto members;
    try {
      members = LogEntryProto.parseFrom(Files.readAllBytes(configuration)).getConfigurationEntry();
    } catch (InvalidProtocolBufferException malformed) {
      throw new LogCorruptedException(configuration, 0, "it does not name the members");
    }
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

  /**
   * Finishes or forgets what {@link #replaceGroup} had begun before a crash, and looks at the small
   * files, of which Ratis does not say which one it cannot read.
   *
   * @throws LogCorruptedException which it is
   */
  public void recover() throws IOException {
    if (Files.exists(next())) {
      if (hasLog()) {
        delete(next());
      } else {
        replaceGroup();
      }
    }
    requireFile(directory.resolve("group"));
    for (Path place : List.of(current(), states())) {
      for (Path file : files(place)) {
        requireFile(file);
      }
    }
    requireTerm(current().resolve("raft-meta"));
  }

  private static List<Path> files(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(place)) {
      return files.toList();
    }
  }

  /** A directory or a pipe in its place, which might never end. */
  static void requireFile(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new LogCorruptedException(file, 0, "it is no regular file");
    }
  }

  private static void requireTerm(Path metadata) throws IOException {
    if (!Files.exists(metadata)) {
      return;
    }
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(metadata)) {
      properties.load(in);
      if (Long.parseLong(properties.getProperty("term", "")) >= 0) {
        return;
      }
    } catch (IllegalArgumentException malformed) {
      throw noTerm(metadata, malformed);
    }
    throw noTerm(metadata, null);
  }

  private static LogCorruptedException noTerm(Path metadata, @Nullable Throwable cause) {
    var corrupted = new LogCorruptedException(metadata, 0, "it does not say the term");
    corrupted.initCause(cause);
    return corrupted;
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
