package dev.hanse.node.snapshot;

import dev.hanse.node.snapshot.SnapshotFault.Kind;
import dev.hanse.store.StoredSnapshot;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A saved cluster on disk. Numbers are big-endian.
 *
 * <pre>
 * header          8  "HanseCS\n"
 *                 2  version, 1
 *                 2  length of the body
 *                    body: length of the cluster's id (1) and the id; time in ms (8); log index (8);
 *                    bytes in a frame (4); key derivation (1 = scrypt, 2 = HKDF);
 *                    for scrypt log2 N, r, p (1 each); salt (32)
 *                 4  CRC-32C of all before
 * authentication 32  HMAC-SHA-256 of the header: tells a wrong key before any frame is read
 * frames          4  bytes of the state in this frame; the highest bit marks the last frame
 *                 n  AES-256-GCM of them, see {@link FrameCipher}
 *                16  its tag
 * digest         32  SHA-256 of all before: tells accidents from wrong keys, and needs no key
 * </pre>
 *
 * The state is what {@link StoredSnapshot#save} writes. All frames but the last are full.
 */
final class ClusterSnapshotFile {
  /** Marks the last frame in its length. */
  static final int LAST = 1 << 31;

  /** Of the header's authentication, and of the digest at the end. */
  static final int DIGEST_BYTES = 32;

  private final Path path;
  private final Header header;

  private ClusterSnapshotFile(Path path, Header header) {
    this.path = path;
    this.header = header;
  }

  /**
   * Opens a file and reads all of it once: without a key it can be told that it is whole and as it
   * was written.
   *
   * @throws SnapshotFault if it is not
   */
  static ClusterSnapshotFile verified(Path path) throws IOException {
    try (DigestInputStream in = new DigestInputStream(open(path), digest())) {
      Header header = Header.read(in);
      DataInputStream data = new DataInputStream(in);
      try {
        pass(data, DIGEST_BYTES);
        passFrames(data, header.frameBytes());
        byte[] expected = in.getMessageDigest().digest();
        in.on(false);
        byte[] found = new byte[DIGEST_BYTES];
        data.readFully(found);
        if (!MessageDigest.isEqual(expected, found)) {
          throw damaged("wrong checksum");
        }
      } catch (EOFException end) {
        throw new SnapshotFault(
            Kind.TRUNCATED,
            "the snapshot is truncated: the file ends after %d bytes".formatted(Files.size(path)));
      }
      if (in.read() >= 0) {
        throw damaged("something follows its end");
      }
      return new ClusterSnapshotFile(path, header);
    }
  }

  private static void passFrames(DataInputStream in, int frameBytes) throws IOException {
    long total = 0;
    boolean last;
    do {
      int length = in.readInt();
      last = length < 0;
      int bytes = length & ~LAST;
      if (last ? bytes > frameBytes : bytes != frameBytes) {
        throw damaged("a frame of %d bytes".formatted(bytes));
      }
      total += bytes;
      if (total > StoredSnapshot.BYTES_MAX) {
        throw new SnapshotFault(
            Kind.BEYOND_LIMITS,
            "the snapshot holds more than the %d bytes that a state may have"
                .formatted(StoredSnapshot.BYTES_MAX));
      }
      pass(in, bytes + FrameCipher.TAG_BYTES);
    } while (!last);
  }

  /** Not skipped: a skipped byte would be missing in the digest. */
  private static void pass(DataInputStream in, int count) throws IOException {
    in.readFully(new byte[count]);
  }

  /** What it tells without a key. */
  Header header() {
    return header;
  }

  /**
   * The state in it.
   *
   * @throws SnapshotFault if the secret is not the one it was saved with; reading throws it, too,
   *     if a frame has been tampered with
   */
  InputStream state(Secret secret) throws IOException {
    KeyDerivation.Keys keys = header.derivation().derive(secret);
    byte[] authentication = header.authentication(keys.header());
    InputStream in = open(path);
    try {
      in.skipNBytes(header.bytes().length);
      if (!MessageDigest.isEqual(authentication, in.readNBytes(DIGEST_BYTES))) {
        throw new SnapshotFault(
            Kind.WRONG_KEY,
            switch (secret) {
              case Secret.Passphrase passphrase -> "wrong passphrase for this snapshot";
              case Secret.KeyFile key -> "wrong key file for this snapshot";
            });
      }
      return new FrameReader(in, new FrameCipher(keys.frames(), authentication));
    } catch (IOException | RuntimeException fault) {
      in.close();
      throw fault;
    }
  }

  private static InputStream open(Path path) throws IOException {
    return new BufferedInputStream(Files.newInputStream(path), Header.FRAME_BYTES);
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java runtime has SHA-256", missing);
    }
  }

  private static SnapshotFault damaged(String how) {
    return new SnapshotFault(Kind.DAMAGED, "the snapshot is damaged: " + how);
  }
}
