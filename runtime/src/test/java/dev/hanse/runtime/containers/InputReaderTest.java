package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.health.Health;
import dev.hanse.kernel.pipe.PipeWriter;
import dev.hanse.kernel.pipe.Pipes;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.process.OutputThread;
import dev.hanse.runtime.process.StandardStreams;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The other end of a process's input is opened by the shim, some time after the start. */
@Timeout(30)
class InputReaderTest {
  @TempDir Path directory;

  @Test
  void inputWaitsForItsReaderAndNotForThatOfAProcessThatIsGone() throws Exception {
    try (Pipes pipes = Pipes.start(new OutputThread(new Health()));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      StandardStreams streams =
          StandardStreams.create(pipes, directory, "one-", false, true, OutputListener.NONE);
      Path fifo = streams.stdinFile().orElseThrow();
      Future<PipeWriter> waiting = threads.submit(streams::input);
      try (InputStream reader = Files.newInputStream(fifo);
          PipeWriter writer = waiting.get()) {
        writer.write(ByteBuffer.wrap(new byte[] {7}));
        assertThat(reader.read()).isEqualTo(7);
      }
      Future<PipeWriter> inVain = threads.submit(streams::input);
      streams.finish();
      assertThatThrownBy(inVain::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(RuntimeFault.class);
      streams.remove();
    }
  }
}
