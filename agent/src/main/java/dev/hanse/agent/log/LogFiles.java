package dev.hanse.agent.log;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.text.Digits;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The files of one log, named by a number that only grows. A new file is begun instead of renaming
 * old ones, so that a reader can hold its place while files come and go.
 */
record LogFiles(Path directory) {
  private static final String SUFFIX = ".log";

  /** The numbers that exist, oldest first; empty when there is no directory. */
  TreeSet<Long> numbers() throws IOException {
    TreeSet<Long> numbers = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        String number = name.substring(0, name.length() - SUFFIX.length());
        if (Digits.are(number, 18)) {
          numbers.add(Long.parseLong(number));
        }
      }
    } catch (NoSuchFileException absent) {
      return numbers;
    }
    return numbers;
  }

  FileChannel openForWriting(long number) throws IOException {
    OwnFiles.directory(directory);
    return OwnFiles.open(
        path(number),
        OwnFiles.GROUP_FILE,
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  /** Empty when the file has been deleted in the meantime. */
  Optional<FileChannel> openForReading(long number) throws IOException {
    try {
      return Optional.of(OwnFiles.existing(path(number)));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
  }

  void delete(long number) throws IOException {
    Files.deleteIfExists(path(number));
  }

  /** Where the log ends at the moment; a record that is being written may begin before it. */
  LogPosition end() throws IOException {
    for (long number : numbers().descendingSet()) {
      Optional<FileChannel> opened = openForReading(number);
      if (opened.isPresent()) {
        try (FileChannel file = opened.get()) {
          return new LogPosition(number, file.size());
        }
      }
    }
    return LogPosition.BEGIN;
  }

  /**
   * Where the last whole record of a file's first {@code size} bytes ends: what is behind it was
   * torn by a crash, or is being written.
   */
  static long validEnd(LogWindow file, long size) throws IOException {
    if (size == 0 || LogRecord.readBefore(file, size).isPresent()) {
      return size;
    }
    long position = 0;
    Optional<LogRecord.Located> record = LogRecord.read(file, position);
    while (record.isPresent() && record.get().end() <= size) {
      position = record.get().end();
      record = LogRecord.read(file, position);
    }
    return position;
  }

  private Path path(long number) {
    return directory.resolve(String.format(Locale.ROOT, "%08d%s", number, SUFFIX));
  }
}
