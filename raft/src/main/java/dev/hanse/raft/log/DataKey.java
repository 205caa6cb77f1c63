package dev.hanse.raft.log;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One key, AES-256-GCM (NIST SP 800-38D). A sealed entry is the key's id, a random nonce, and the
 * ciphertext with its tag. A sealed stream is the key's id, eight random bytes, and pieces: each
 * one's length, negative for the last, and its ciphertext; the nonce is the random bytes and the
 * piece's number, so pieces cannot be moved, and the mark of the last one is authenticated too, so
 * none can be cut off.
 */
public final class DataKey {
  /** Length of its id. */
  public static final int ID_BYTES = Long.BYTES;

  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int PIECE_SEALED_BYTES_MAX = PIECE_BYTES + TAG_BITS / 8;

  private final SecretKey key;
  private final long id;

  private DataKey(SecretKey key, long id) {
    this.key = key;
    this.id = id;
  }

  static DataKey of(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new DataKey(new SecretKeySpec(bytes, "AES"), ByteBuffer.wrap(digest).getLong());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no SHA-256", e);
    }
  }

  /** Tells the keys apart and tells nothing of the key: the beginning of its SHA-256. */
  long id() {
    return id;
  }

  byte[] bytes() {
    return key.getEncoded();
  }

  byte[] seal(byte[] plain, SecureRandom random) {
    byte[] sealed = seal(key, plain, random);
    return ByteBuffer.allocate(ID_BYTES + sealed.length).putLong(id).put(sealed).array();
  }

  byte[] open(byte[] sealed) throws IOException {
    try {
      return open(key, sealed, ID_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IOException("an entry of the log was altered after it was written", e);
    }
  }

  static byte[] seal(SecretKey key, byte[] plain, SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce);
      byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(plain.length));
      cipher.doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("sealing", e);
    }
  }

  static byte[] open(SecretKey key, byte[] sealed, int offset) throws GeneralSecurityException {
    int body = offset + NONCE_BYTES;
    if (sealed.length < body + TAG_BITS / 8) {
      throw new AEADBadTagException("too short");
    }
    byte[] nonce = Arrays.copyOfRange(sealed, offset, body);
    return cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(sealed, body, sealed.length - body);
  }

  private static Cipher cipher(int mode, SecretKey key, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }

  /**
   * What is written is sealed and written to {@code out}; complete after {@code close}, which
   * leaves {@code out} open.
   */
  public OutputStream sealing(OutputStream out) throws IOException {
    byte[] prefix = new byte[Long.BYTES];
    new SecureRandom().nextBytes(prefix);
    out.write(ByteBuffer.allocate(ID_BYTES).putLong(id).array());
    out.write(prefix);
    return new Sealing(out, prefix);
  }

  /** Reads what {@link #sealing} has written, after the key's id. */
  public InputStream opening(InputStream in) throws IOException {
    byte[] prefix = new DataInputStream(in).readNBytes(Long.BYTES);
    if (prefix.length < Long.BYTES) {
      throw new IOException("sealed stream ends early");
    }
    return new Opening(in, prefix);
  }

  private byte[] piece(int mode, byte[] prefix, int number, boolean last, byte[] in, int length)
      throws IOException {
    try {
      byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).put(prefix).putInt(number).array();
      Cipher cipher = cipher(mode, key, nonce);
      cipher.updateAAD(new byte[] {(byte) (last ? 1 : 0)});
      return cipher.doFinal(in, 0, length);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "piece " + number + " of a snapshot was altered after it was written", e);
    }
  }

  private final class Sealing extends OutputStream {
    private final OutputStream out;
    private final byte[] prefix;
    private final byte[] waiting = new byte[PIECE_BYTES];
    private int length;
    private int number;
    private boolean closed;

    Sealing(OutputStream out, byte[] prefix) {
      this.out = out;
      this.prefix = prefix;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      int done = 0;
      while (done < count) {
        if (length == PIECE_BYTES) {
          writePiece(false);
        }
        int now = Math.min(count - done, PIECE_BYTES - length);
        System.arraycopy(bytes, offset + done, waiting, length, now);
        length += now;
        done += now;
      }
    }

    private void writePiece(boolean last) throws IOException {
      byte[] sealed = piece(Cipher.ENCRYPT_MODE, prefix, number++, last, waiting, length);
      int mark = last ? -sealed.length : sealed.length;
      out.write(ByteBuffer.allocate(Integer.BYTES).putInt(mark).array());
      out.write(sealed);
      length = 0;
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        writePiece(true);
        out.flush();
      }
    }
  }

  private final class Opening extends InputStream {
    private final DataInputStream in;
    private final byte[] prefix;
    private byte[] piece = new byte[0];
    private int position;
    private int number;
    private boolean last;

    Opening(InputStream in, byte[] prefix) {
      this.in = new DataInputStream(in);
      this.prefix = prefix;
    }

    @Override
    public int read() throws IOException {
      return fill() ? piece[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
      if (count == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int now = Math.min(count, piece.length - position);
      System.arraycopy(piece, position, bytes, offset, now);
      position += now;
      return now;
    }

    private boolean fill() throws IOException {
      while (position == piece.length) {
        if (last) {
          return false;
        }
        int mark = in.readInt();
        last = mark < 0;
        int length = Math.abs(mark);
        if (length > PIECE_SEALED_BYTES_MAX || length < 0) {
          throw new IOException("piece of " + length + " bytes in a sealed stream");
        }
        byte[] sealed = new byte[length];
        in.readFully(sealed);
        piece = piece(Cipher.DECRYPT_MODE, prefix, number++, last, sealed, length);
        position = 0;
      }
      return true;
    }
  }
}
