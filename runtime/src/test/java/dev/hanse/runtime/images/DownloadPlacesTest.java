package dev.hanse.runtime.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.bounds.KeyedTurns;
import dev.hanse.runtime.content.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("attack")
@Timeout(30)
class DownloadPlacesTest {
  private final DownloadPlaces places = new DownloadPlaces();

  private KeyedTurns.Turn await(String name) throws InterruptedException {
    return places.await(Reference.parse(name));
  }

  @Test
  void a_full_repository_keeps_nobody_else_waiting_and_a_full_registry_no_other() throws Exception {
    List<KeyedTurns.Turn> taken = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int place = 0; place < DownloadPlaces.OF_REPOSITORY; place++) {
        taken.add(await("r:5000/a:" + place));
      }
      Future<KeyedTurns.Turn> ofRepository = threads.submit(() -> await("r:5000/a:more"));
      int repository = 0;
      while (taken.size() < DownloadPlaces.OF_REGISTRY) {
        taken.add(await("r:5000/b" + repository++));
      }
      Future<KeyedTurns.Turn> ofRegistry = threads.submit(() -> await("r:5000/c"));
      await("other:5000/c").close();
      assertThat(ofRepository).isNotDone();
      assertThat(ofRegistry).isNotDone();

      // Who gives up waiting for the registry has its repository's place no more.
      ofRegistry.cancel(true);
      taken.removeFirst().close();
      ofRepository.get().close();
    }
    taken.forEach(KeyedTurns.Turn::close);
    assertThat(places.inUse()).isZero();
  }
}
