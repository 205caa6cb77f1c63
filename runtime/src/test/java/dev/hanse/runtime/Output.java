package dev.hanse.runtime;

import dev.hanse.runtime.process.OutputListener;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Collects what a process writes. */
public final class Output implements OutputListener {
  private static final long PATIENCE_SECONDS = 30;

  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private final CountDownLatch end = new CountDownLatch(1);

  @Override
  public void output(Stream stream, ByteBuffer chunk) {
    byte[] bytes = new byte[chunk.remaining()];
    chunk.get(bytes);
    ByteArrayOutputStream target = stream == Stream.STDOUT ? stdout : stderr;
    target.writeBytes(bytes);
  }

  @Override
  public void ended() {
    end.countDown();
  }

  /** What came on standard output so far. */
  public String stdout() {
    return stdout.toString(StandardCharsets.UTF_8);
  }

  /** What came on standard error so far. */
  public String stderr() {
    return stderr.toString(StandardCharsets.UTF_8);
  }

  /** Waits until both streams have ended. */
  public void awaitEnd() throws InterruptedException {
    if (!end.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("output did not end");
    }
  }
}
