package dev.hanse.node.snapshot;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The state out of the frames of a file that was verified; ends only with the last frame. */
final class FrameReader extends InputStream {
  private final DataInputStream in;
  private final FrameCipher cipher;
  private byte[] frame = new byte[0];
  private int at;
  private long number;
  private boolean last;

  FrameReader(InputStream in, FrameCipher cipher) {
    this.in = new DataInputStream(in);
    this.cipher = cipher;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == frame.length) {
      if (last) {
        return -1;
      }
      next();
    }
    int count = Math.min(length, frame.length - at);
    System.arraycopy(frame, at, target, offset, count);
    at += count;
    return count;
  }

  private void next() throws IOException {
    int length;
    byte[] sealed;
    try {
      length = in.readInt();
      last = length < 0;
      int bytes = length & ~ClusterSnapshotFile.LAST;
      if (bytes > Header.FRAME_BYTES_MAX) {
        throw tampered();
      }
      sealed = new byte[bytes + FrameCipher.TAG_BYTES];
      in.readFully(sealed);
    } catch (EOFException changed) {
      throw new SnapshotFault(
          SnapshotFault.Kind.TRUNCATED, "the snapshot was cut while it was read");
    }
    frame = cipher.open(sealed, last).orElseThrow(this::tampered);
    at = 0;
    number++;
  }

  private SnapshotFault tampered() {
    return new SnapshotFault(
        SnapshotFault.Kind.TAMPERED,
        "the snapshot has been tampered with: frame %d is not what was saved with this key"
            .formatted(number));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
