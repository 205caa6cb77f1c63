package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.process.HostProcesses;
import dev.hanse.text.Digits;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.io.IOException;
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
  private ProcessTable() {}

  static ObjectNode of(List<Integer> processes, String arguments)
      throws IOException, InterruptedException {
    requireHarmless(arguments);
    HostProcesses.Listing ps =
        HostProcesses.list(
            Arrays.stream(arguments.split("\\s+")).filter(word -> !word.isEmpty()).toList());
    if (!ps.succeeded()) {
      throw HttpFailure.internal("ps: " + ps.text().lines().findFirst().orElse("failed"));
    }
    return parse(ps.text(), new HashSet<>(processes));
  }

  /** A column's title could pass for a PID, so titles may not be chosen; Docker's own rule. */
  private static void requireHarmless(String arguments) {
    int from = 0;
    int equals = arguments.indexOf('=');
    while (equals >= 0) {
      int start = equals;
      while (start > from && isOfWord(arguments.charAt(start - 1))) {
        start--;
      }
      int end = equals + 1;
      if (start < equals) {
        while (end < arguments.length() && isOfTitle(arguments.charAt(end))) {
          end++;
        }
        if (!arguments.substring(start, equals).equals("pid")) {
          throw HttpFailure.internal(
              "specifying \"" + arguments.substring(start, end) + "\" is not allowed");
        }
      }
      from = end;
      equals = arguments.indexOf('=', end);
    }
  }

  private static boolean isOfWord(char one) {
    return one < 128 && (Character.isLetterOrDigit(one) || one == '_' || one == '-');
  }

  private static boolean isOfTitle(char one) {
    return one != ',' && one != ' ' && (one < '\t' || one > '\r');
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
    return Digits.are(field, 9) && processes.contains(Integer.parseInt(field));
  }
}
