package dev.hanse.raft;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;

/** Puts a saved state where a log that is opened next looks for its last snapshot. */
final class StateImport {
  /** Before it nobody was elected in the new group. */
  private static final long TERM = 1;

  private StateImport() {}

  static void run(Path group, long index, InputStream state) throws IOException {
    if (Files.exists(group)) {
      throw new IOException("there is a log in " + group + " already");
    }
    Path machine =
        Files.createDirectories(group.resolve(RaftStorageDirectory.STATE_MACHINE_DIR_NAME));
    String name = SimpleStateMachineStorage.getSnapshotFileName(TERM, index);
    SnapshotFile.save(machine.resolve(name), out -> state.transferTo(out));
    // Without it Ratis takes the directory for a new one and clears it; hence last.
    Path current = Files.createDirectories(group.resolve("current"));
    Path meta = current.resolve("raft-meta");
    Files.writeString(meta, "term=" + TERM + "\nvotedFor=\n");
    for (Path written : new Path[] {meta, current, group}) {
      try (FileChannel channel = FileChannel.open(written, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
