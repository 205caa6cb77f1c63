package dev.hanse.node.snapshot;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;

/**
 * Writes a snapshot, see {@link ClusterSnapshotFile}: what is written to this stream becomes
 * frames. The file is complete only after {@link #close}.
 */
final class SnapshotWriter extends OutputStream {
  private final DigestOutputStream checked;
  private final DataOutputStream out;
  private final FrameCipher cipher;
  private final byte[] frame;
  private int filled;
  private boolean closed;

  /** Writes the header. The stream given is flushed at the end and stays the caller's to close. */
  SnapshotWriter(OutputStream target, Header header, KeyDerivation.Keys keys) throws IOException {
    MessageDigest digest = ClusterSnapshotFile.digest();
    this.checked = new DigestOutputStream(target, digest);
    this.out = new DataOutputStream(checked);
    byte[] authentication = header.authentication(keys.header());
    this.cipher = new FrameCipher(keys.frames(), authentication);
    this.frame = new byte[header.frameBytes()];
    out.write(header.bytes());
    out.write(authentication);
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int written = 0;
    while (written < length) {
      // Not before there is more: the last frame, which may be full, is told apart.
      if (filled == frame.length) {
        writeFrame(false);
      }
      int count = Math.min(length - written, frame.length - filled);
      System.arraycopy(bytes, offset + written, frame, filled, count);
      filled += count;
      written += count;
    }
  }

  private void writeFrame(boolean last) throws IOException {
    byte[] sealed = cipher.seal(frame, filled, last);
    out.writeInt(last ? filled | ClusterSnapshotFile.LAST : filled);
    out.write(sealed);
    filled = 0;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    writeFrame(true);
    byte[] digest = checked.getMessageDigest().digest();
    checked.on(false);
    out.write(digest);
    out.flush();
  }
}
