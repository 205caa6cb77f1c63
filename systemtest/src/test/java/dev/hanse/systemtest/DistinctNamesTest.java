package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A class has a name of its own in the whole product, so that a search, a stack trace and a
 * sentence say which one is meant. {@code docs/words.md} has the words.
 */
class DistinctNamesTest {
  private static final Path HOUSE = Path.of("..");

  /** Made for tests, or stand beside the product with words of its own. */
  private static final Set<String> APART = Set.of("sim", "lab", "bench", "systemtest", "dist");

  /** Names that two modules may share, since each is the usual word there and they never meet. */
  private static final Map<String, String> SHARED =
      Map.ofEntries(
          Map.entry("Addresses", "as text: of gossip, and of netlink's messages"),
          Map.entry("Change", "of an endpoint table, and of the kernel's objects"),
          Map.entry("ClusterCommand", "of the command line, and decided by the leader"),
          Map.entry("Commands", "of the command line, and the leader's decisions"),
          Map.entry("Flow", "of netlink messages, and of forwarded messages"),
          Map.entry("Links", "symbolic ones, and network devices"),
          Map.entry("MacAddress", "one thing, for the planner and for netlink"),
          Map.entry("Member", "of the gossip, and of the log's group: Raft's and SWIM's word"),
          Map.entry("Message", "netlink's, and gossip's"),
          Map.entry("NodeCommand", "of the command line, and decided by the leader"),
          Map.entry("Outcome", "of a call to a node, and of a decision"),
          Map.entry("Query", "of a URL, and of DNS"),
          Map.entry("Route", "of HTTP, and of IP"),
          Map.entry("Scope", "of an address, and of a pass"),
          Map.entry("TaskNames", "in DNS, and for users"),
          Map.entry("Times", "in Go's text, and as java.time values"));

  @Test
  void a_class_has_a_name_of_its_own() throws IOException {
    Map<String, Set<String>> places = places();
    assertThat(places).hasSizeGreaterThan(500);
    places.values().removeIf(modules -> modules.size() < 2);
    places.keySet().removeAll(SHARED.keySet());
    assertThat(places).as("class names that occur in several packages").isEmpty();
  }

  /** Simple name -> the packages that have such a class. */
  private static Map<String, Set<String>> places() throws IOException {
    Map<String, Set<String>> places = new TreeMap<>();
    try (Stream<Path> modules = Files.list(HOUSE)) {
      for (Path module : modules.sorted().toList()) {
        Path sources = module.resolve("src/main/java");
        if (!APART.contains(module.getFileName().toString()) && Files.isDirectory(sources)) {
          addPlaces(sources, places);
        }
      }
    }
    return places;
  }

  private static void addPlaces(Path sources, Map<String, Set<String>> places) throws IOException {
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        if (!name.endsWith("-info")) {
          places
              .computeIfAbsent(name, _ -> new TreeSet<>())
              .add(sources.relativize(file.getParent()).toString());
        }
      }
    }
  }
}
