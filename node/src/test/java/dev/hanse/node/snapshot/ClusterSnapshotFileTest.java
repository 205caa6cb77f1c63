package dev.hanse.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.hanse.node.snapshot.SnapshotFault.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The form of a snapshot, and what becomes of one that is not as it was written. */
final class ClusterSnapshotFileTest {
  private static final ByteString SALT = ByteString.copyFrom(new byte[KeyDerivation.SALT_BYTES]);
  private static final Secret KEY = new Secret.KeyFile(ByteString.copyFrom(new byte[32]));
  private static final Secret OTHER_KEY =
      new Secret.KeyFile(
          ByteString.copyFrom(
              "another key of thirty-two bytes!".getBytes(StandardCharsets.US_ASCII)));
  private static final Secret PASSPHRASE = Secret.typed("correct horse battery".toCharArray());
  private static final int FRAME_BYTES = 16;
  private static final byte[] STATE =
      "forty bytes of what might be some state.".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;

  private static Header header(KeyDerivation derivation, int frameBytes) {
    return new Header(
        "tvkcluster", Instant.ofEpochMilli(1_800_000_000_123L), 4711, derivation, frameBytes);
  }

  private static byte[] written(Header header, Secret secret, byte[] state) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (SnapshotWriter writer =
        new SnapshotWriter(bytes, header, header.derivation().derive(secret))) {
      writer.write(state);
    }
    return bytes.toByteArray();
  }

  private static byte[] written(byte[] state) throws IOException {
    return written(header(new KeyDerivation.Hkdf(SALT), FRAME_BYTES), KEY, state);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("snapshot"), bytes);
  }

  private byte[] read(byte[] bytes, Secret secret) throws IOException {
    try (InputStream state = ClusterSnapshotFile.verified(file(bytes)).state(secret)) {
      return state.readAllBytes();
    }
  }

  /** These very bytes must be readable for ever: they were written by version 1. */
  @Test
  void the_form_is_as_it_was() throws IOException {
    byte[] golden;
    try (InputStream in =
        Objects.requireNonNull(
            ClusterSnapshotFileTest.class.getResourceAsStream("version-1.hex"))) {
      golden =
          HexFormat.of()
              .parseHex(
                  new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
    }
    assertThat(HexFormat.of().formatHex(written(STATE)))
        .isEqualTo(HexFormat.of().formatHex(golden));
    assertThat(read(golden, KEY)).isEqualTo(STATE);
    Header header = ClusterSnapshotFile.verified(file(golden)).header();
    assertThat(header.clusterId()).isEqualTo("tvkcluster");
    assertThat(header.savedAt()).isEqualTo(Instant.parse("2027-01-15T08:00:00.123Z"));
    assertThat(header.index()).isEqualTo(4711);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 31, 32, 33, 1000})
  void what_is_written_is_read_whatever_its_length(int length) throws IOException {
    byte[] state = new byte[length];
    new Random(length).nextBytes(state);
    assertThat(read(written(state), KEY)).isEqualTo(state);
  }

  @Test
  void a_passphrase_opens_what_it_has_locked() throws IOException {
    Header header = header(new KeyDerivation.Scrypt(SALT, 10, 8, 1), Header.FRAME_BYTES);
    byte[] bytes = written(header, PASSPHRASE, STATE);
    assertThat(read(bytes, PASSPHRASE)).isEqualTo(STATE);
    assertThat(fault(bytes, Secret.typed("correct horse batterie".toCharArray())))
        .hasMessage("wrong passphrase for this snapshot");
    assertThat(fault(bytes, KEY).kind()).isEqualTo(Kind.OTHER_KIND_OF_KEY);
    assertThat(fault(bytes, KEY)).hasMessageContaining("give --passphrase-file");
  }

  @Test
  void a_wrong_key_is_told_from_damage() throws IOException {
    byte[] bytes = written(STATE);
    assertThat(fault(bytes, OTHER_KEY).kind()).isEqualTo(Kind.WRONG_KEY);
    assertThat(fault(bytes, OTHER_KEY)).hasMessage("wrong key file for this snapshot");
    assertThat(fault(bytes, PASSPHRASE).kind()).isEqualTo(Kind.OTHER_KIND_OF_KEY);
  }

  @Test
  void a_file_cut_anywhere_is_called_truncated() throws IOException {
    byte[] bytes = written(STATE);
    for (int length = 1; length < bytes.length; length++) {
      assertThat(fault(Arrays.copyOf(bytes, length), KEY).kind())
          .as("cut at %d of %d", length, bytes.length)
          .isEqualTo(Kind.TRUNCATED);
    }
    assertThat(fault(new byte[0], KEY).kind()).isEqualTo(Kind.NOT_A_SNAPSHOT);
  }

  @Test
  void no_changed_bit_goes_unnoticed() throws IOException {
    byte[] bytes = written(STATE);
    Set<Kind> seen = EnumSet.noneOf(Kind.class);
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] changed = bytes.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      Kind kind = fault(changed, KEY).kind();
      seen.add(kind);
      if (bit / 8 >= bytes.length - ClusterSnapshotFile.DIGEST_BYTES) {
        assertThat(kind).isEqualTo(Kind.DAMAGED);
      }
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            Kind.NOT_A_SNAPSHOT,
            Kind.UNKNOWN_VERSION,
            Kind.BEYOND_LIMITS,
            Kind.TRUNCATED,
            Kind.DAMAGED);
  }

  @Test
  void something_behind_the_end_is_damage() throws IOException {
    byte[] bytes = written(STATE);
    assertThat(fault(Arrays.copyOf(bytes, bytes.length + 1), KEY))
        .hasMessage("the snapshot is damaged: something follows its end");
  }

  /** As somebody without the key would do it, who puts the checksums right afterwards. */
  @Test
  void a_forger_is_found_out() throws IOException {
    byte[] bytes = written(STATE);
    int header = header(new KeyDerivation.Hkdf(SALT), FRAME_BYTES).bytes().length;
    int frames = header + ClusterSnapshotFile.DIGEST_BYTES;
    int frame = Integer.BYTES + FRAME_BYTES + FrameCipher.TAG_BYTES;

    byte[] otherByte = bytes.clone();
    otherByte[frames + frame + Integer.BYTES] ^= 1;
    assertThat(fault(checksummed(otherByte), KEY))
        .hasMessageContaining("tampered with: frame 1 is not what was saved");

    byte[] swapped = bytes.clone();
    System.arraycopy(bytes, frames, swapped, frames + frame, frame);
    System.arraycopy(bytes, frames + frame, swapped, frames, frame);
    assertThat(fault(checksummed(swapped), KEY).kind()).isEqualTo(Kind.TAMPERED);

    // The second frame made the last one: it is full, which a last frame may be.
    byte[] shortened = Arrays.copyOf(bytes, frames + 2 * frame + ClusterSnapshotFile.DIGEST_BYTES);
    shortened[frames + frame] |= (byte) 0x80;
    assertThat(fault(checksummed(shortened), KEY).kind()).isEqualTo(Kind.TAMPERED);

    byte[] otherIndex = bytes.clone();
    otherIndex[8 + 2 + 2 + 1 + 10 + 8 + 7] ^= 1;
    assertThat(fault(checksummed(otherIndex, header), KEY).kind()).isEqualTo(Kind.WRONG_KEY);
  }

  @Test
  void a_header_beyond_the_limits_is_refused_before_any_work() throws IOException {
    byte[] bytes =
        written(header(new KeyDerivation.Scrypt(SALT, 10, 8, 1), FRAME_BYTES), PASSPHRASE, STATE);
    int fields = 8 + 2 + 2 + 1 + 10;
    assertBeyond(bytes, fields, 0x80, "time");
    assertBeyond(bytes, fields + 8, 0x80, "log index");
    assertBeyond(bytes, fields + 16, 0x7f, "frames of");
    assertBeyond(bytes, fields + 20, 3, "unknown key derivation 3");
    assertBeyond(bytes, fields + 21, 18, "scrypt cost 18 is not within 10 to 17");
    assertBeyond(bytes, fields + 21, 9, "scrypt cost 9");
    assertBeyond(bytes, fields + 22, 9, "scrypt block size 9");
    assertBeyond(bytes, fields + 22, 0, "scrypt block size 0");
    assertBeyond(bytes, fields + 23, 9, "scrypt parallelism 9");
    assertBeyond(bytes, 13, 'A', "not a cluster id");
    assertBeyond(bytes, 12, 255, "lacks fields");
  }

  private void assertBeyond(byte[] bytes, int offset, int value, String words) throws IOException {
    byte[] changed = bytes.clone();
    changed[offset] = (byte) value;
    int body = ((bytes[10] & 0xff) << 8) | (bytes[11] & 0xff);
    SnapshotFault fault = fault(checksummed(changed, 8 + 2 + 2 + body + 4), PASSPHRASE);
    assertThat(fault.kind()).isEqualTo(Kind.BEYOND_LIMITS);
    assertThat(fault).hasMessageContaining(words);
  }

  @Test
  void secrets_that_are_too_short_or_too_long_are_refused() throws IOException {
    assertThat(Secret.typed("twelve bytes".toCharArray()).bytes().size()).isEqualTo(12);
    assertThatThrownBy(() -> Secret.typed("eleven byte".toCharArray()))
        .hasMessage("a passphrase has 12 to 1024 bytes, this one has 11");
    Path file = Files.writeString(directory.resolve("passphrase"), "twelve bytes\r\n");
    assertThat(Secret.passphraseIn(file)).isEqualTo(Secret.typed("twelve bytes".toCharArray()));
    Files.write(file, new byte[Secret.KEY_BYTES_MAX]);
    assertThat(Secret.keyIn(file).bytes().size()).isEqualTo(4096);
    Files.write(file, new byte[Secret.KEY_BYTES_MAX + 1]);
    assertThatThrownBy(() -> Secret.keyIn(file)).hasMessageContaining("this one has more");
    Files.write(file, new byte[31]);
    assertThatThrownBy(() -> Secret.keyIn(file)).hasMessageContaining("this one has 31");
  }

  private SnapshotFault fault(byte[] bytes, Secret secret) throws IOException {
    SnapshotFault fault = catchThrowableOfType(SnapshotFault.class, () -> read(bytes, secret));
    assertThat(fault).as("%d bytes were taken for a snapshot", bytes.length).isNotNull();
    return fault;
  }

  /** With the digest at the end put right. */
  private static byte[] checksummed(byte[] bytes) {
    byte[] right = bytes.clone();
    int end = right.length - ClusterSnapshotFile.DIGEST_BYTES;
    var digest = ClusterSnapshotFile.digest();
    digest.update(right, 0, end);
    System.arraycopy(digest.digest(), 0, right, end, ClusterSnapshotFile.DIGEST_BYTES);
    return right;
  }

  /** With the checksum of a header of so many bytes put right, too. */
  private static byte[] checksummed(byte[] bytes, int header) {
    byte[] right = bytes.clone();
    CRC32C crc = new CRC32C();
    crc.update(right, 0, header - 4);
    for (int i = 0; i < 4; i++) {
      right[header - 4 + i] = (byte) (crc.getValue() >> (8 * (3 - i)));
    }
    return checksummed(right);
  }
}
