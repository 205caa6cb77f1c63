package dev.hanse.node.snapshot;

import com.google.protobuf.ByteString;
import dev.hanse.node.snapshot.SnapshotFault.Kind;
import dev.hanse.text.Form;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.CRC32C;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * What a snapshot tells without its key.
 *
 * @param clusterId whose state it is
 * @param savedAt when, in milliseconds
 * @param index the log index of the state
 * @param derivation how the keys are made
 * @param frameBytes of the state in each frame but the last
 */
record Header(
    String clusterId, Instant savedAt, long index, KeyDerivation derivation, int frameBytes) {
  static final int FRAME_BYTES = 64 * 1024;
  static final int FRAME_BYTES_MIN = 16;
  static final int FRAME_BYTES_MAX = 1024 * 1024;

  private static final byte[] MAGIC = "HanseCS\n".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int BODY_BYTES_MAX = 256;
  private static final int SCRYPT = 1;
  private static final int HKDF = 2;
  private static final Form CLUSTER_ID = Form.of("[a-z0-9]+", 64);

  /** The latest time that a header may tell: the year 9999. */
  private static final long TIME_MS_MAX = 253_402_300_799_999L;

  Header {
    if (!CLUSTER_ID.fits(clusterId)) {
      throw new IllegalArgumentException("not a cluster id");
    }
    if (savedAt.toEpochMilli() < 0 || savedAt.toEpochMilli() > TIME_MS_MAX) {
      throw new IllegalArgumentException("time " + savedAt.toEpochMilli());
    }
    if (index < 0) {
      throw new IllegalArgumentException("log index " + index);
    }
    if (frameBytes < FRAME_BYTES_MIN || frameBytes > FRAME_BYTES_MAX) {
      throw new IllegalArgumentException("frames of " + frameBytes + " bytes");
    }
  }

  /** The header as it stands in the file, checksum included. */
  byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      byte[] body = body();
      out.write(MAGIC);
      out.writeShort(VERSION);
      out.writeShort(body.length);
      out.write(body);
      out.writeInt(checksum(bytes.toByteArray()));
    } catch (IOException impossible) {
      throw new IllegalStateException("writing to memory", impossible);
    }
    return bytes.toByteArray();
  }

  private byte[] body() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    byte[] id = clusterId.getBytes(StandardCharsets.US_ASCII);
    out.writeByte(id.length);
    out.write(id);
    out.writeLong(savedAt.toEpochMilli());
    out.writeLong(index);
    out.writeInt(frameBytes);
    switch (derivation) {
      case KeyDerivation.Scrypt scrypt -> {
        out.writeByte(SCRYPT);
        out.writeByte(scrypt.logCost());
        out.writeByte(scrypt.blockSize());
        out.writeByte(scrypt.parallel());
      }
      case KeyDerivation.Hkdf hkdf -> out.writeByte(HKDF);
    }
    out.write(derivation.salt().toByteArray());
    return bytes.toByteArray();
  }

  /**
   * Reads a header.
   *
   * @throws SnapshotFault if it is none, or not one that this program can read
   */
  static Header read(InputStream in) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length);
    if (!Arrays.equals(start, MAGIC)) {
      boolean begun = Arrays.equals(start, Arrays.copyOf(MAGIC, start.length));
      throw begun && start.length > 0
          ? truncated()
          : new SnapshotFault(Kind.NOT_A_SNAPSHOT, "this is no snapshot of a cluster");
    }
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    seen.write(MAGIC);
    int version = unsigned16(in, seen);
    if (version != VERSION) {
      throw new SnapshotFault(
          Kind.UNKNOWN_VERSION,
          "the snapshot has version %d, this program knows version %d".formatted(version, VERSION));
    }
    int length = unsigned16(in, seen);
    if (length > BODY_BYTES_MAX) {
      throw new SnapshotFault(
          Kind.BEYOND_LIMITS,
          "the snapshot's header claims %d bytes, at most %d are right"
              .formatted(length, BODY_BYTES_MAX));
    }
    byte[] body = exactly(in, length);
    seen.write(body);
    if (new DataInputStream(new ByteArrayInputStream(exactly(in, Integer.BYTES))).readInt()
        != checksum(seen.toByteArray())) {
      throw new SnapshotFault(
          Kind.DAMAGED, "the snapshot is damaged: wrong checksum of its header");
    }
    return parse(body);
  }

  private static int unsigned16(InputStream in, ByteArrayOutputStream seen) throws IOException {
    byte[] bytes = exactly(in, Short.BYTES);
    seen.write(bytes);
    return ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
  }

  private static byte[] exactly(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw truncated();
    }
    return bytes;
  }

  private static SnapshotFault truncated() {
    return new SnapshotFault(Kind.TRUNCATED, "the snapshot is truncated: it ends in its header");
  }

  private static Header parse(byte[] body) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(body))) {
      byte[] id = new byte[in.readUnsignedByte()];
      in.readFully(id);
      long savedAt = in.readLong();
      long index = in.readLong();
      int frameBytes = in.readInt();
      KeyDerivation derivation = derivation(in);
      if (in.available() > 0) {
        throw new IllegalArgumentException(in.available() + " bytes too many");
      }
      return new Header(
          new String(id, StandardCharsets.ISO_8859_1),
          Instant.ofEpochMilli(savedAt),
          index,
          derivation,
          frameBytes);
    } catch (EOFException tooShort) {
      throw new SnapshotFault(
          Kind.BEYOND_LIMITS, "the snapshot's header is not one: it lacks fields");
    } catch (IllegalArgumentException beyond) {
      throw new SnapshotFault(
          Kind.BEYOND_LIMITS, "the snapshot's header is not one: " + beyond.getMessage());
    }
  }

  private static KeyDerivation derivation(DataInputStream in) throws IOException {
    byte[] salt = new byte[KeyDerivation.SALT_BYTES];
    int kind = in.readUnsignedByte();
    switch (kind) {
      case SCRYPT -> {
        int logCost = in.readUnsignedByte();
        int blockSize = in.readUnsignedByte();
        int parallel = in.readUnsignedByte();
        in.readFully(salt);
        return new KeyDerivation.Scrypt(ByteString.copyFrom(salt), logCost, blockSize, parallel);
      }
      case HKDF -> {
        in.readFully(salt);
        return new KeyDerivation.Hkdf(ByteString.copyFrom(salt));
      }
      default -> throw new IllegalArgumentException("unknown key derivation " + kind);
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }

  /** The proof that whoever wrote this header had the key. */
  byte[] authentication(SecretKey key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(bytes());
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("every Java runtime has HMAC with SHA-256", missing);
    }
  }
}
