package dev.hanse.agent.network.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.kernel.nftables.NftablesSession;
import dev.hanse.network.KeptTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Another program takes the table away at just any moment of a repair. */
@Tag("attack")
class AlteredTableTest {
  private static final int ROUNDS = 200;
  private static final String TABLE = "ip altered";
  private static final String TEXT =
      "table ip hanse {\n  chain kept {\n    ip daddr 192.0.2.1 drop\n  }\n}\n";
  private static final KeptTable WANTED =
      new KeptTable(
          "ip",
          "altered",
          new TreeMap<>(),
          List.of(new KeptTable.Chain("kept", Optional.empty(), List.of("counter drop"))),
          new TreeMap<>(),
          Optional.empty());

  private NetworkNamespace namespace;
  private NftablesSession other;
  private Alterations alterations;

  @BeforeEach
  void up() throws IOException {
    Path directory = Files.createTempDirectory("hanse-network-test");
    namespace = NetworkNamespace.create(directory.resolve("namespace"));
    other = new NftablesSession(namespace);
    alterations = new Alterations(namespace);
  }

  @AfterEach
  void down() throws IOException {
    alterations.close();
    other.close();
    namespace.delete();
  }

  /** Takes it away between 0 and some 2 ms after the repair has begun. */
  private void race(Runnable repair, String table) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      long delayNanos = round * 2_000_000L / ROUNDS;
      String command = "table %1$s\ndelete table %1$s\n".formatted(table);
      CountDownLatch begun = new CountDownLatch(1);
      // So that the repair has something to do.
      other.apply(command);
      Thread altering =
          Thread.ofPlatform()
              .start(
                  () -> {
                    begun.countDown();
                    long end = System.nanoTime() + delayNanos;
                    while (System.nanoTime() < end) {
                      Thread.onSpinWait();
                    }
                    other.apply(command);
                  });
      begun.await();
      repair.run();
      altering.join();
      repair.run();
      assertThat(list(table)).as("after round %d", round).contains("drop");
    }
  }

  private String list(String table) {
    try {
      return other.list("list table " + table);
    } catch (NftablesException gone) {
      return "";
    }
  }

  @Test
  void aTableOfElementsComesBack() throws Exception {
    try (TableKeeper keeper = new TableKeeper(namespace, alterations)) {
      race(() -> keeper.repair(WANTED), TABLE);
    }
  }

  @Test
  void aTableThatIsLoadedWholeComesBack() throws Exception {
    try (RulesetKeeper keeper = new RulesetKeeper(namespace, alterations, "the test", false)) {
      race(() -> keeper.repair(TEXT), "ip hanse");
    }
  }
}
