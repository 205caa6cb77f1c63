package dev.hanse.raft.log;

import dev.hanse.kernel.file.DurableFile;
import dev.hanse.text.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * How the log in a directory began, and which log it is: one line, "founded UUID", "joining", or
 * "joined UUID". The UUID is the same at all members, and another one when a cluster is forced to
 * start anew, so that members left over from the old one cannot overwrite the new one.
 */
public final class GroupOrigin {
  private static final Form LINE = Form.of("(founded|joining|joined) ?([0-9a-f-]{36})?", 64);

  private final Path file;
  private final boolean founder;
  private volatile Optional<String> group;

  private GroupOrigin(Path file, boolean founder, Optional<String> group) {
    this.file = file;
    this.founder = founder;
    this.group = group;
  }

  /**
   * Reads what is there, or begins.
   *
   * @param hasLog is there a log from before there was such a file?
   */
  public static GroupOrigin open(Path directory, LogSettings.Start start, boolean hasLog)
      throws IOException {
    Path file = directory.resolve("group");
    if (Files.exists(file)) {
      return read(file);
    }
    if (start == LogSettings.Start.JOIN && !hasLog) {
      DurableFile.replace(file, "joining\n".getBytes(StandardCharsets.US_ASCII));
      return new GroupOrigin(file, false, Optional.empty());
    }
    return found(directory);
  }

  /** Begins a new log. */
  static GroupOrigin found(Path directory) throws IOException {
    Path file = directory.resolve("group");
    String group = UUID.randomUUID().toString();
    DurableFile.replace(file, ("founded " + group + "\n").getBytes(StandardCharsets.US_ASCII));
    return new GroupOrigin(file, true, Optional.of(group));
  }

  private static GroupOrigin read(Path file) throws IOException {
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(64);
    }
    Optional<Form.Parts> line =
        LINE.read(new String(bytes, StandardCharsets.US_ASCII).trim())
            .filter(parts -> parts.part(1).equals("joining") == parts.optional(2).isEmpty());
    if (line.isEmpty()) {
      throw new LogCorruptedException(file, 0, "does not say how the log began");
    }
    return new GroupOrigin(file, line.get().part(1).equals("founded"), line.get().optional(2));
  }

  /** Did this member begin the log, so that it is alone in it until it knows better? */
  public boolean founder() {
    return founder;
  }

  /** Which log it is; empty as long as no other member has told. */
  public Optional<String> group() {
    return group;
  }

  /**
   * Checks that a message belongs to this log; the first one from another member tells which it is.
   *
   * @throws IOException if it belongs to another log
   */
  public synchronized void accept(String sender, String of) throws IOException {
    if (group.isPresent()) {
      if (!group.get().equals(of)) {
        throw new IOException(
            "message of " + sender + " belongs to another log: the cluster was started anew");
      }
      return;
    }
    UUID checked;
    try {
      checked = UUID.fromString(of);
    } catch (IllegalArgumentException e) {
      throw new IOException("message of " + sender + " does not say to which log it belongs", e);
    }
    DurableFile.replace(file, ("joined " + checked + "\n").getBytes(StandardCharsets.US_ASCII));
    group = Optional.of(checked.toString());
  }
}
