package dev.hanse.runtime.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.World;
import dev.hanse.runtime.images.Image;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients that leave before their archive has come: on a disk, where to close a file takes time.
 */
@Tag("attack")
@Timeout(120)
class BrokenOffTest {
  private static final int CLIENTS = 200;
  private static final int AT_A_TIME = 4;
  private static final int DISTANCES = 20;
  private static final long DISTANCE_BYTES = 150_000;

  @Test
  void clients_that_leave_amid_a_layer_leave_nothing() {
    try (World world = World.empty()) {
      List<Future<?>> leaving = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
        for (int client = 0; client < CLIENTS; client++) {
          long read = DISTANCE_BYTES * (client % DISTANCES);
          leaving.add(threads.submit(() -> importUntil(world, read)));
        }
      }
      assertThat(leaving)
          .extracting(Future::exceptionNow)
          .allSatisfy(fault -> assertThat(fault).isInstanceOf(RuntimeFault.class));
      Path ingests =
          world
              .settings()
              .dataDirectory()
              .resolve("containerd/io.containerd.content.v1.content/ingest");
      assertThat(ingests).isEmptyDirectory();
    }
  }

  private static Image importUntil(World world, long read) {
    TarHeaders.Repeated archive =
        TarHeaders.stream(List.of(TarHeaders.header('0', "file", 1L << 30)), 'a', 1L << 30);
    InputStream brokenOff =
        new FilterInputStream(archive) {
          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            if (archive.taken() >= read) {
              throw new EOFException("the client has left");
            }
            return super.read(target, offset, length);
          }
        };
    return world.runtime().images().importRootfs(brokenOff, Optional.empty(), "", List.of());
  }
}
