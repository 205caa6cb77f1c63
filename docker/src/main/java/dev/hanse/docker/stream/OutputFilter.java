package dev.hanse.docker.stream;

import dev.hanse.runtime.process.OutputListener;
import java.nio.ByteBuffer;

/** Passes on the streams that a client asked for. */
record OutputFilter(OutputListener listener, boolean stdout, boolean stderr)
    implements OutputListener {
  @Override
  public void output(Stream stream, ByteBuffer chunk) {
    boolean wanted =
        switch (stream) {
          case STDOUT -> stdout;
          case STDERR -> stderr;
        };
    if (wanted) {
      listener.output(stream, chunk);
    }
  }

  @Override
  public void ended() {
    listener.ended();
  }
}
