package dev.hanse.lab;

import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps other threads and other processes out while files of a lab are read and changed. */
final class FileGuard implements AutoCloseable {
  // A file lock belongs to the process: between threads of one, this lock decides.
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final FileChannel channel;

  private FileGuard(FileChannel channel) {
    this.channel = channel;
  }

  /** Waits for the lock. Closing gives it back. */
  static FileGuard lock(Path file) throws IOException {
    OwnFiles.directoryOf(file, OwnFiles.PASSAGE);
    THREADS.lock();
    try {
      FileChannel channel =
          OwnFiles.open(
              file, OwnFiles.OWNER_FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.lock();
      return new FileGuard(channel);
    } catch (IOException | RuntimeException failure) {
      THREADS.unlock();
      throw failure;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      THREADS.unlock();
    }
  }
}
