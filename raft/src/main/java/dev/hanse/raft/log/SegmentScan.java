package dev.hanse.raft.log;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.text.Form;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log's files before Ratis does, because Ratis' own reading is too lenient in one place
 * and too strict in another: it takes an entry that ends with the file for unwritten wherever the
 * file stands in the row, and refuses a torn entry inside the zeros that it has written ahead.
 *
 * <p>Format of a segment (Ratis, {@code SegmentedRaftLogFormat}): the eight bytes "RaftLog1"; then
 * for each entry its length as a varint, the entry, and the CRC-32C of both, four bytes; then
 * zeros. The file being written is {@code log_inprogress_FIRST}, finished ones are {@code
 * log_FIRST-LAST}.
 *
 * <p>A crash can tear only the last record of the last file. It is taken for torn, and cut, if its
 * bytes end early, either with the file or by turning into zeros up to the file's end: such a
 * record's flush had not returned, so nobody was told of it. A record with all its bytes and a
 * wrong checksum was damaged later. That, like anything else unexpected, stops the start.
 */
public final class SegmentScan {
  private static final Logger log = LoggerFactory.getLogger(SegmentScan.class);
  private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
  private static final Form OPEN = Form.of("log_inprogress_([0-9]{1,18})", 64);
  private static final Form CLOSED = Form.of("log_([0-9]{1,18})-([0-9]{1,18})", 64);
  private static final int CHECKSUM_BYTES = 4;
  private static final int VARINT_BYTES_MAX = 5;

  /** The first byte of every entry: field 1, its term, a varint. */
  private static final byte TERM_TAG = 0x08;

  private record Segment(Path file, long first, OptionalLong last) {}

  /** What stands at a position: a record, and where the next one begins, or no record. */
  private sealed interface Reading {
    record Intact(LogEntryProto entry, int next) implements Reading {}

    record Damaged(String problem) implements Reading {}
  }

  private final Path directory;
  private final OptionalLong snapshotIndex;
  private final OptionalLong cutAfter;
  private final Consumer<LogEntryProto> reader;

  /**
   * Prepares a scan.
   *
   * @param directory with the segment files; may not exist yet
   * @param snapshotIndex what the newest snapshot covers
   * @param cutAfter if present, entries with a higher index are cut away: none was acknowledged
   */
  public SegmentScan(Path directory, OptionalLong snapshotIndex, OptionalLong cutAfter) {
    this(directory, snapshotIndex, cutAfter, entry -> {});
  }

  /** The same, and each intact entry is given to the reader, in the order of their indexes. */
  public SegmentScan(
      Path directory,
      OptionalLong snapshotIndex,
      OptionalLong cutAfter,
      Consumer<LogEntryProto> reader) {
    this.directory = directory;
    this.snapshotIndex = snapshotIndex;
    this.cutAfter = cutAfter;
    this.reader = reader;
  }

  /**
   * Checks all segments and cuts what a crash has torn.
   *
   * @throws LogCorruptedException with file and offset
   */
  public void run() throws IOException {
    List<Segment> segments = withoutPurged(segments());
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      long expected = i == 0 ? firstPossible(segment) : segments.get(i - 1).last().orElse(-1) + 1;
      if (segment.first() != expected) {
        throw new LogCorruptedException(
            segment.file(),
            0,
            "entries " + expected + " to " + (segment.first() - 1) + " are missing before it");
      }
      long end = scan(segment, i == segments.size() - 1 && segment.last().isEmpty());
      if (i == segments.size() - 1 && end < snapshotIndex.orElse(-1)) {
        dropAll(segments);
      }
    }
  }

  /**
   * The leader's snapshot had just replaced the whole log. Ratis would go on in the old file and
   * leave a hole there.
   */
  private void dropAll(List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      log.info("dropping {}, all its entries are in the snapshot", segment.file());
      Files.delete(segment.file());
    }
  }

  /** Entries up to the snapshot may be gone; a hole between it and the log may not be. */
  private long firstPossible(Segment segment) {
    long needed = snapshotIndex.orElse(-1) + 1;
    return Math.min(segment.first(), needed);
  }

  private List<Segment> segments() throws IOException {
    List<Segment> segments = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return segments;
    }
    try (var files = Files.newDirectoryStream(directory, "log_*")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        CLOSED
            .read(name)
            .map(
                closed ->
                    new Segment(
                        file,
                        Long.parseLong(closed.part(1)),
                        OptionalLong.of(Long.parseLong(closed.part(2)))))
            .or(
                () ->
                    OPEN.read(name)
                        .map(
                            open ->
                                new Segment(
                                    file, Long.parseLong(open.part(1)), OptionalLong.empty())))
            .ifPresent(segments::add);
      }
    }
    segments.sort(Comparator.comparingLong(Segment::first));
    return segments;
  }

  /** A crash while old segments were dropped may leave some of them, with holes between. */
  private List<Segment> withoutPurged(List<Segment> segments) throws IOException {
    int keep = 0;
    for (int i = 1; i < segments.size(); i++) {
      long end = segments.get(i - 1).last().orElse(Long.MAX_VALUE - 1);
      if (segments.get(i).first() > end + 1 && end <= snapshotIndex.orElse(-1)) {
        keep = i;
      }
    }
    for (Segment old : segments.subList(0, keep)) {
      log.info("dropping {}, which the snapshot at {} covers", old.file(), snapshotIndex);
      Files.delete(old.file());
    }
    return segments.subList(keep, segments.size());
  }

  private long scan(Segment segment, boolean beingWritten) throws IOException {
    byte[] bytes = Files.readAllBytes(segment.file());
    if (beingWritten && partly(bytes, 0, HEADER)) {
      cut(segment, 0, bytes.length);
      return segment.first() - 1;
    }
    if (bytes.length < HEADER.length || !startsWith(bytes, HEADER)) {
      throw new LogCorruptedException(segment.file(), 0, "not a segment of the log");
    }
    long index = segment.first();
    int position = HEADER.length;
    while (position < bytes.length && bytes[position] != 0) {
      if (beingWritten && cutAfter.isPresent() && index > cutAfter.getAsLong()) {
        cut(segment, position, bytes.length);
        return index - 1;
      }
      switch (read(bytes, position)) {
        case Reading.Intact(LogEntryProto found, int next) -> {
          if (found.getIndex() != index) {
            throw new LogCorruptedException(
                segment.file(),
                position,
                "entry " + found.getIndex() + " where " + index + " belongs");
          }
          reader.accept(found);
          position = next;
        }
        case Reading.Damaged(String problem) -> {
          if (beingWritten && torn(bytes, position, index)) {
            cut(segment, position, bytes.length);
            return index - 1;
          }
          throw new LogCorruptedException(segment.file(), position, problem + " at entry " + index);
        }
      }
      index++;
    }
    for (int i = position; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        throw new LogCorruptedException(segment.file(), i, "bytes after the end of the entries");
      }
    }
    if (segment.last().isPresent() && segment.last().getAsLong() != index - 1) {
      throw new LogCorruptedException(
          segment.file(), position, "ends with entry " + (index - 1) + " instead of its last");
    }
    return index - 1;
  }

  private static Reading read(byte[] bytes, int position) {
    int body = bodyPosition(bytes, position);
    int end = body < 0 ? -1 : end(bytes, position, body);
    if (end < 0 || end + CHECKSUM_BYTES > bytes.length) {
      return new Reading.Damaged("entry ends after the file");
    }
    if (stored(bytes, end) != checksum(bytes, position, end)) {
      return new Reading.Damaged("wrong checksum");
    }
    try {
      ByteBuffer entry = ByteBuffer.wrap(bytes, body, end - body);
      return new Reading.Intact(LogEntryProto.parseFrom(entry), end + CHECKSUM_BYTES);
    } catch (InvalidProtocolBufferException e) {
      return new Reading.Damaged("malformed entry");
    }
  }

  /** Where the entry after its length begins; -1 if the length does not end in the file. */
  private static int bodyPosition(byte[] bytes, int position) {
    for (int i = position; i < bytes.length && i < position + VARINT_BYTES_MAX; i++) {
      if (bytes[i] >= 0) {
        return i + 1;
      }
    }
    return -1;
  }

  /** Where the entry ends and its checksum begins; -1 if that is no possible place. */
  private static int end(byte[] bytes, int position, int body) {
    long length = 0;
    for (int i = body - 1; i >= position; i--) {
      length = (length << 7) | (bytes[i] & 0x7f);
    }
    long end = body + length;
    return end > Integer.MAX_VALUE - CHECKSUM_BYTES ? -1 : (int) end;
  }

  private static int checksum(byte[] bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, to - from);
    return (int) crc.getValue();
  }

  private static int stored(byte[] bytes, int position) {
    return ByteBuffer.wrap(bytes).getInt(position);
  }

  /** Was the record at this position never completely written? */
  private static boolean torn(byte[] bytes, int position, long index) {
    return endsEarly(bytes, position)
        && !wholeUnderAnotherLength(bytes, position)
        && !followed(bytes, position, index);
  }

  /** Do the bytes of the record at this position end before the record does? */
  private static boolean endsEarly(byte[] bytes, int position) {
    int body = bodyPosition(bytes, position);
    if (body < 0) {
      return bytes.length - position < VARINT_BYTES_MAX;
    }
    int end = end(bytes, position, body);
    if (end < 0) {
      return false;
    }
    if (end + CHECKSUM_BYTES > bytes.length) {
      return true;
    }
    byte[] right =
        ByteBuffer.allocate(CHECKSUM_BYTES).putInt(checksum(bytes, position, end)).array();
    boolean checksumUnwritten = partly(bytes, end, right) || zero(bytes, end, end + CHECKSUM_BYTES);
    return checksumUnwritten && zero(bytes, end + CHECKSUM_BYTES, bytes.length);
  }

  /**
   * Is the last record complete but for a damaged length, which then points behind its end? Its
   * checksum tells: that covers the length too, and only the right one fits.
   */
  private static boolean wholeUnderAnotherLength(byte[] bytes, int position) {
    int written = bytes.length;
    while (written > position && bytes[written - 1] == 0) {
      written--;
    }
    // The checksum may end in zeros of its own.
    int limit = Math.min(written + CHECKSUM_BYTES - 1, bytes.length);
    for (int next = written; next <= limit; next++) {
      int end = next - CHECKSUM_BYTES;
      for (int body = position + 1; body < Math.min(position + VARINT_BYTES_MAX, end); body++) {
        byte[] length = varint(end - body);
        CRC32C crc = new CRC32C();
        crc.update(length);
        crc.update(bytes, body, end - body);
        if (length.length == body - position && (int) crc.getValue() == stored(bytes, end)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Does an intact record with a higher index stand behind? Then this one was whole, too. */
  private static boolean followed(byte[] bytes, int position, long index) {
    for (int at = position + 1; at < bytes.length; at++) {
      int body = bodyPosition(bytes, at);
      if (body > 0
          && body < bytes.length
          && bytes[body] == TERM_TAG
          && read(bytes, at) instanceof Reading.Intact later
          && later.entry().getIndex() > index) {
        return true;
      }
    }
    return false;
  }

  private static byte[] varint(int value) {
    ByteBuffer buffer = ByteBuffer.allocate(VARINT_BYTES_MAX);
    int left = value;
    while (left >= 0x80) {
      buffer.put((byte) (left | 0x80));
      left >>>= 7;
    }
    buffer.put((byte) left);
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /** Does the file have only a beginning of the wanted bytes here, and then nothing or zeros? */
  private static boolean partly(byte[] bytes, int position, byte[] wanted) {
    int same = 0;
    while (same < wanted.length
        && position + same < bytes.length
        && bytes[position + same] == wanted[same]) {
      same++;
    }
    return same < wanted.length && zero(bytes, position + same, bytes.length);
  }

  private static boolean zero(byte[] bytes, int from, int to) {
    for (int i = from; i < Math.min(to, bytes.length); i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static void cut(Segment segment, long position, int length) throws IOException {
    log.warn(
        position == 0
            ? "cutting {} at offset {} of {}: it has no record yet, or has lost all"
            : "cutting {} at offset {} of {}: the last record was not completely written, so it was"
                + " never acknowledged",
        segment.file(),
        position,
        length);
    try (var channel = OwnFiles.existing(segment.file(), READ, WRITE)) {
      channel.truncate(position);
      channel.force(true);
    }
    if (position == 0) {
      Files.delete(segment.file());
    }
  }
}
