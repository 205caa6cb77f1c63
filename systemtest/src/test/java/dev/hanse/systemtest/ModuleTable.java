package dev.hanse.systemtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The table of modules in ARCHITECTURE.md: the one place that says which module may use which. Each
 * row is {@code | `name` | ring | what it is | what it may use |}; what it may use are modules and,
 * where it is not the whole module, packages or classes of one ({@code agent.log}, {@code
 * agent.Agent}).
 *
 * @param rows by the name of the module, in the order of the table
 */
record ModuleTable(Map<String, Row> rows) {
  private static final String HEADING = "## Modules";
  private static final String NOTHING = "–";
  private static final int COLUMNS = 4;

  /** The rings from the inside: a ring may use itself and those before it. */
  private static final List<String> RINGS =
      List.of("nouns", "decider", "port", "driver", NOTHING, "test");

  /**
   * A module.
   *
   * @param ring it belongs to
   * @param uses what it may use: modules, packages and classes, without "dev.hanse."
   */
  record Row(String ring, Set<String> uses) {
    /** The entry that allows the use of a class, named without "dev.hanse.". */
    Optional<String> allowing(String type) {
      int nested = type.indexOf('$');
      String outermost = nested < 0 ? type : type.substring(0, nested);
      return uses.stream()
          .filter(entry -> outermost.equals(entry) || outermost.startsWith(entry + "."))
          .findFirst();
    }

    /** The modules that it may use something of. */
    Set<String> modules() {
      return uses.stream()
          .map(ModuleTable::moduleOf)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /**
   * Reads the table.
   *
   * @throws IOException if there is no such file
   * @throws IllegalArgumentException if the table is missing or a row is not well formed: its
   *     message says which
   */
  static ModuleTable in(Path file) throws IOException {
    return of(Files.readAllLines(file));
  }

  /** Reads the table out of the lines of a page; throws like {@link #in}. */
  static ModuleTable of(List<String> page) {
    Map<String, Row> rows = new LinkedHashMap<>();
    boolean inTable = false;
    for (String line : page) {
      if (line.startsWith("## ")) {
        inTable = line.equals(HEADING);
      } else if (inTable && line.startsWith("| `")) {
        add(rows, line);
      }
    }
    require(!rows.isEmpty(), "no table of modules below \"" + HEADING + "\"");
    return new ModuleTable(rows);
  }

  /** The modules of a ring. */
  List<String> ofRing(String ring) {
    return rows.entrySet().stream()
        .filter(row -> row.getValue().ring().equals(ring))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * A module stands below all that it uses, so there is no circle; and in no outer ring's place.
   */
  private static void add(Map<String, Row> rows, String line) {
    List<String> cells =
        Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|"))
            .map(String::strip)
            .toList();
    require(cells.size() == COLUMNS, "not " + COLUMNS + " columns: " + line);
    String name = cells.get(0).replace("`", "");
    String ring = cells.get(1);
    require(RINGS.contains(ring), "no ring \"" + ring + "\": " + line);
    Set<String> uses = entries(cells.get(3), line);
    for (String entry : uses) {
      Row used = rows.get(moduleOf(entry));
      require(used != null, "\"" + entry + "\" is no module above: " + line);
      require(
          used != null && RINGS.indexOf(used.ring()) <= RINGS.indexOf(ring),
          "\"" + entry + "\" is in a ring further out: " + line);
    }
    require(rows.put(name, new Row(ring, uses)) == null, "a second row: " + line);
  }

  private static Set<String> entries(String cell, String line) {
    Set<String> entries = new LinkedHashSet<>();
    if (!cell.equals(NOTHING)) {
      for (String entry : cell.split(",")) {
        String name = entry.strip().replace("`", "");
        require(!name.isEmpty() && entries.add(name), "names \"" + name + "\" twice: " + line);
      }
    }
    List<String> all = new ArrayList<>(entries);
    for (String entry : all) {
      require(
          all.stream().noneMatch(other -> entry.startsWith(other + ".")),
          "\"" + entry + "\" is part of another entry: " + line);
    }
    return entries;
  }

  /** The module of a module, package or class that is named without "dev.hanse.". */
  static String moduleOf(String entry) {
    int dot = entry.indexOf('.');
    return dot < 0 ? entry : entry.substring(0, dot);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("ARCHITECTURE.md: " + otherwise);
    }
  }
}
