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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answer of {@code docker top}: the host's {@code ps} run with the user's arguments, and of its
 * lines those of the container's processes.
 */
final class ProcessTable {
  private static final Pattern TITLE = Pattern.compile("([A-Za-z0-9_-]+)=[^\\s,]*");
  private static final int OUTPUT_BYTES_MAX = 4 << 20;

  private ProcessTable() {}

  static ObjectNode of(List<Integer> processes, String arguments)
      throws IOException, InterruptedException {
    requireHarmless(arguments);
    List<String> command = new ArrayList<>(List.of("ps"));
    Arrays.stream(arguments.split("\\s+")).filter(word -> !word.isEmpty()).forEach(command::add);
    Process ps = new ProcessBuilder(command).redirectErrorStream(true).start();
    ps.getOutputStream().close();
    byte[] bytes = ps.getInputStream().readNBytes(OUTPUT_BYTES_MAX);
    String output = new String(bytes, StandardCharsets.UTF_8);
    if (ps.waitFor() != 0) {
      throw HttpFailure.internal("ps: " + output.lines().findFirst().orElse("failed"));
    }
    return parse(output, new HashSet<>(processes));
  }

  /** A column's title could pass for a PID, so titles may not be chosen; Docker's own rule. */
  private static void requireHarmless(String arguments) {
    Matcher title = TITLE.matcher(arguments);
    while (title.find()) {
      if (!title.group(1).equals("pid")) {
        throw HttpFailure.internal("specifying \"" + title.group() + "\" is not allowed");
      }
    }
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
