package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.http.HttpFailure;
import dev.hanse.docker.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The answer of {@code docker top}: the host's {@code ps} run with the user's arguments, and of its
 * lines those of the container's processes.
 */
final class ProcessTable {
  private static final int OUTPUT_BYTES_MAX = 4 << 20;

  private ProcessTable() {}

  static ObjectNode of(List<Integer> processes, String arguments)
      throws IOException, InterruptedException {
    // The same guard as Docker's: no shell is involved, but ps writes what it is told to write.
    if (arguments.contains("=")) {
      throw HttpFailure.invalid("ps_args must not contain '='");
    }
    List<String> command = new ArrayList<>(List.of("ps"));
    Arrays.stream(arguments.split("\\s+")).filter(word -> !word.isEmpty()).forEach(command::add);
    Process ps = new ProcessBuilder(command).redirectErrorStream(true).start();
    ps.getOutputStream().close();
    byte[] bytes = ps.getInputStream().readNBytes(OUTPUT_BYTES_MAX);
    String output = new String(bytes, StandardCharsets.UTF_8);
    if (ps.waitFor() != 0) {
      throw HttpFailure.internal("ps: " + output.strip());
    }
    return parse(output, new HashSet<>(processes));
  }

  static ObjectNode parse(String output, Set<Integer> processes) {
    List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty()) {
      throw HttpFailure.internal("ps printed nothing");
    }
    List<String> titles = List.of(lines.getFirst().strip().split("\\s+"));
    int pid = titles.stream().map(title -> title.toUpperCase(Locale.ROOT)).toList().indexOf("PID");
    if (pid < 0) {
      throw HttpFailure.internal("Couldn't find PID field in ps output");
    }
    ObjectNode table = Json.object();
    titles.forEach(table.putArray("Titles")::add);
    ArrayNode rows = table.putArray("Processes");
    for (String line : lines.subList(1, lines.size())) {
      // The last column, the command, keeps its blanks.
      String[] fields = line.strip().split("\\s+", titles.size());
      if (fields.length > pid && isOf(processes, fields[pid])) {
        ArrayNode row = rows.addArray();
        Arrays.stream(fields).forEach(row::add);
      }
    }
    return table;
  }

  private static boolean isOf(Set<Integer> processes, String field) {
    return field.matches("\\d{1,9}") && processes.contains(Integer.parseInt(field));
  }
}
