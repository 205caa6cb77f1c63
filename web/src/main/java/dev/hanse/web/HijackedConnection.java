package dev.hanse.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.FutureCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the place of Jetty's HTTP connection on its end point once the answer's head is sent. The
 * session runs on a virtual thread of its own, which does the blocking.
 */
final class HijackedConnection extends AbstractConnection implements Connection.UpgradeTo, Duplex {
  private static final Logger LOG = LoggerFactory.getLogger(HijackedConnection.class);

  private final Duplex.Session session;
  private final InputStream input = new Input();
  private final OutputStream output = new Output();

  /** What came with the request's bytes already; read before the socket. Input thread only. */
  private ByteBuffer early = ByteBuffer.allocate(0);

  HijackedConnection(EndPoint endPoint, Duplex.Session session) {
    super(endPoint, Runnable::run);
    this.session = session;
  }

  @Override
  public void onUpgradeTo(ByteBuffer buffer) {
    early = buffer;
  }

  @Override
  public void onOpen() {
    super.onOpen();
    getEndPoint().setIdleTimeout(0);
    Thread.ofVirtual().name("hijacked").start(this::runSession);
  }

  private void runSession() {
    try {
      session.run(this);
    } catch (IOException e) {
      LOG.debug("hijacked connection ended", e);
    } catch (Exception | LinkageError e) {
      LOG.warn("hijacked connection failed", e);
    } finally {
      getEndPoint().close();
    }
  }

  @Override
  public void onFillable() {
    // Never asked for: Input registers its own callback.
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public OutputStream output() {
    return output;
  }

  @Override
  public void cut() {
    getEndPoint().close();
  }

  private static void await(FutureCallback callback) throws IOException {
    try {
      callback.get();
    } catch (ExecutionException e) {
      throw new IOException("connection lost", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private final class Input extends InputStream {
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
      if (early.hasRemaining()) {
        int count = Math.min(length, early.remaining());
        early.get(target, offset, count);
        return count;
      }
      ByteBuffer buffer = ByteBuffer.wrap(target, offset, length).slice();
      buffer.limit(0); // Jetty's flush mode: fill appends after the limit
      while (true) {
        int filled = getEndPoint().fill(buffer);
        if (filled != 0) {
          return filled;
        }
        FutureCallback readable = new FutureCallback();
        getEndPoint().fillInterested(readable);
        await(readable);
      }
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      if (length == 0) {
        return;
      }
      FutureCallback written = new FutureCallback();
      getEndPoint().write((Callback) written, ByteBuffer.wrap(source, offset, length));
      await(written);
    }

    @Override
    public void close() {
      getEndPoint().shutdownOutput();
    }
  }
}
