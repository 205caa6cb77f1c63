package dev.hanse.web;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jetty.io.EndPoint;

/**
 * Limits the silence of a client in the middle of a body. Outside of reading there is no limit: a
 * wait for a container or a log that is followed may stay silent for days.
 */
final class BodyClock {
  private final EndPoint endPoint;
  private final long idleMs;
  private boolean ended;

  BodyClock(EndPoint endPoint, long idleMs) {
    this.endPoint = endPoint;
    this.idleMs = idleMs;
  }

  /** Whether the body was read to its end. */
  boolean ended() {
    return ended;
  }

  InputStream watch(InputStream body) {
    return new FilterInputStream(body) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        endPoint.setIdleTimeout(idleMs);
        try {
          int count = super.read(target, offset, length);
          ended |= count < 0;
          return count;
        } finally {
          endPoint.setIdleTimeout(0);
        }
      }

      @Override
      public void close() throws IOException {
        if (ended) {
          super.close();
        }
      }
    };
  }
}
