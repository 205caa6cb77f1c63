package dev.hanse.runtime.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.content.Inflation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Archives made to exhaust who reads them: nothing beyond the limits is taken in. */
@Tag("attack")
class BoundedTarTest {
  private static final long HUGE = 1_500_000_000L;

  /** The buffer in front of the reader, and what the header may have. */
  private static final long TAKEN_MAX = 1 << 20;

  private static void refused(TarHeaders.Repeated archive, String why) throws IOException {
    BoundedTar tar = new BoundedTar(Archives.plainTar(archive));
    assertThatThrownBy(() -> readAll(tar))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
    assertThat(archive.taken()).isLessThan(TAKEN_MAX);
  }

  private static List<String> readAll(BoundedTar tar) throws IOException {
    List<String> names = new ArrayList<>();
    for (Optional<TarArchiveEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
      names.add(next.get().getName());
    }
    return names;
  }

  @Test
  void a_long_name_of_a_gigabyte() throws IOException {
    for (char type : new char[] {'L', 'K'}) {
      byte[] header = TarHeaders.header(type, "././@LongLink", HUGE);
      refused(TarHeaders.stream(List.of(header), 'a', HUGE), "header field too long");
    }
  }

  @Test
  void a_pax_record_of_a_gigabyte() throws IOException {
    for (char type : new char[] {'x', 'g'}) {
      byte[] header = TarHeaders.header(type, "pax", HUGE);
      byte[] record = "1400000000 path=".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      refused(TarHeaders.stream(List.of(header, record), 'a', HUGE), "header field too long");
    }
  }

  @Test
  void pax_records_without_end() throws IOException {
    byte[] header = TarHeaders.header('x', "pax", HUGE);
    StringBuilder records = new StringBuilder();
    for (int i = 10_000; i < 60_000; i++) {
      records.append("11 k").append(i).append("=\n\n");
    }
    byte[] text = records.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    refused(TarHeaders.stream(List.of(header, text), 'a', HUGE), "");
  }

  @Test
  void headers_that_announce_headers_without_end() throws IOException {
    for (char type : new char[] {'x', 'g', 'L', 'K'}) {
      List<byte[]> headers = new ArrayList<>();
      for (int i = 0; i < 4000; i++) {
        headers.add(TarHeaders.header(type, "again", 0));
      }
      refused(TarHeaders.stream(headers, '\0', HUGE), "");
    }
  }

  @Test
  void sparse_maps_of_every_form() throws IOException {
    byte[] old = TarHeaders.header('S', "sparse", 512);
    old[482] = 1;
    TarHeaders.summed(old);
    List<byte[]> chain = new ArrayList<>(List.of(old));
    for (int i = 0; i < 2000; i++) {
      byte[] extension = new byte[512];
      TarHeaders.put(extension, 0, "00000000001\00000000000001\0");
      extension[504] = 1;
      chain.add(extension);
    }
    refused(TarHeaders.stream(chain, '1', HUGE), "");
    String one = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n28 GNU.sparse.realsize=1024\n";
    byte[] pax = TarHeaders.header('x', "pax", one.length());
    byte[] file = TarHeaders.header('0', "sparse", 4L << 30);
    byte[] map = TarHeaders.padded("900000000\n");
    refused(TarHeaders.stream(List.of(pax, TarHeaders.padded(one), file, map), '1', HUGE), "");
    // A map that is short: zeros for nothing are refused too.
    byte[] small = TarHeaders.header('S', "sparse", 0);
    TarHeaders.put(small, 386, "00000000000\00000000000000\0");
    TarHeaders.put(small, 483, "77777777777");
    TarHeaders.summed(small);
    refused(TarHeaders.stream(List.of(small), '\0', 1024), "sparse");
  }

  @Test
  void sizes_that_are_no_sizes() throws IOException {
    byte[] negative = TarHeaders.header('0', "file", 0);
    java.util.Arrays.fill(negative, 124, 136, (byte) 0xff);
    refused(TarHeaders.stream(List.of(TarHeaders.summed(negative)), '\0', 1024), "");
    String size = "30 size=99999999999999999999\n";
    byte[] pax = TarHeaders.header('x', "pax", size.length());
    byte[] file = TarHeaders.header('0', "file", 0);
    refused(TarHeaders.stream(List.of(pax, TarHeaders.padded(size), file), '\0', 1024), "");
  }

  @Test
  void the_number_of_entries_and_names_is_limited() throws IOException {
    assertThat(readAll(new BoundedTar(entries(BoundedTar.ENTRIES_MAX))))
        .hasSize(BoundedTar.ENTRIES_MAX);
    assertThatThrownBy(() -> readAll(new BoundedTar(entries(BoundedTar.ENTRIES_MAX + 1))))
        .hasMessageContaining("more than 10000 files");
    assertThat(readAll(new BoundedTar(named(BoundedTar.NAME_CHARACTERS_MAX, 1)))).hasSize(1);
    assertThatThrownBy(() -> readAll(new BoundedTar(named(BoundedTar.NAME_CHARACTERS_MAX + 1, 1))))
        .hasMessageContaining("too long names");
    assertThat(readAll(new BoundedTar(named(BoundedTar.NAME_CHARACTERS_MAX, 1024)))).hasSize(1024);
    assertThatThrownBy(() -> readAll(new BoundedTar(named(BoundedTar.NAME_CHARACTERS_MAX, 1025))))
        .hasMessageContaining("too long names");
  }

  private static InputStream entries(int count) {
    List<byte[]> headers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      headers.add(TarHeaders.header('5', "d" + i + "/", 0));
    }
    return TarHeaders.stream(headers, '\0', 1024);
  }

  private static InputStream named(int length, int count) {
    byte[] header = TarHeaders.header('L', "././@LongLink", length);
    byte[] name = TarHeaders.padded("n".repeat(length));
    List<byte[]> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      blocks.addAll(List.of(header, name, TarHeaders.header('0', "short", 0)));
    }
    return TarHeaders.stream(blocks, '\0', 1024);
  }

  @Test
  void a_global_header_does_not_pile_up_over_the_entries() throws IOException {
    List<byte[]> blocks = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      StringBuilder records = new StringBuilder();
      for (int k = 0; k < 40; k++) {
        records.append("12 ").append((char) ('a' + k % 26)).append("%06d=\n".formatted(i * 40 + k));
      }
      blocks.add(TarHeaders.header('g', "global", records.length()));
      blocks.add(TarHeaders.padded(records.toString()));
      blocks.add(TarHeaders.header('5', "d" + i + "/", 0));
    }
    assertThat(readAll(new BoundedTar(TarHeaders.stream(blocks, '\0', 1024)))).hasSize(3000);
  }

  @Test
  void what_was_not_read_of_an_entry_is_skipped_to_the_next() throws IOException {
    List<byte[]> blocks =
        List.of(
            TarHeaders.header('0', "one", 700),
            TarHeaders.padded("x".repeat(700)),
            TarHeaders.header('0', "two", 3),
            TarHeaders.padded("two"));
    BoundedTar tar = new BoundedTar(TarHeaders.stream(blocks, '\0', 1024));
    assertThat(tar.next().orElseThrow().getName()).isEqualTo("one");
    assertThat(tar.content().readNBytes(10)).hasSize(10);
    assertThat(tar.next().orElseThrow().getName()).isEqualTo("two");
    assertThat(new String(tar.content().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("two");
    assertThat(tar.next()).isEmpty();
  }

  @Test
  void a_bomb_of_zeros_ends_when_it_is_out_of_proportion() throws IOException {
    long member = 64 << 20;
    byte[] zeros = gzip(new byte[0], member);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(gzip(TarHeaders.header('0', "zeros", 7L << 30), 0));
    for (int i = 0; i < 40; i++) {
      bomb.write(zeros);
    }
    BoundedTar tar =
        new BoundedTar(Archives.plainTar(new ByteArrayInputStream(bomb.toByteArray())));
    assertThat(tar.next()).isPresent();
    InputStream content = tar.content();
    byte[] buffer = new byte[1 << 16];
    long[] read = new long[1];
    assertThatThrownBy(
            () -> {
              for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                read[0] += count;
              }
            })
        .hasMessageContaining("times the compressed size");
    assertThat(read[0]).isBetween(Inflation.FREE_BYTES - (1 << 20), Inflation.FREE_BYTES);
  }

  private static byte[] gzip(byte[] start, long zeros) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(start);
      byte[] block = new byte[1 << 20];
      for (long done = 0; done < zeros; done += block.length) {
        gzip.write(block);
      }
    }
    return bytes.toByteArray();
  }
}
