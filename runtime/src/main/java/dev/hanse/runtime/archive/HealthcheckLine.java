package dev.hanse.runtime.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.text.GoDuration;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What follows HEALTHCHECK: {@code NONE}, or options and {@code CMD} with a command. Source: the
 * Dockerfile reference. Pure.
 */
final class HealthcheckLine {
  private static final long NANOS_MIN = 1_000_000;
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final ObjectNode check = JsonNodeFactory.instance.objectNode();

  private HealthcheckLine() {}

  /**
   * The check as an image's configuration has it.
   *
   * @throws dev.hanse.runtime.RuntimeFault INVALID in Docker's words
   */
  static ObjectNode read(String line) {
    return new HealthcheckLine().apply(line);
  }

  private ObjectNode apply(String line) {
    String rest = line;
    boolean options = false;
    while (rest.startsWith("--")) {
      String[] parts = rest.split("\\s+", 2);
      option(parts[0].substring(2));
      options = true;
      rest = parts.length > 1 ? parts[1] : "";
    }
    String[] parts = rest.split("\\s+", 2);
    String command = parts.length > 1 ? parts[1].strip() : "";
    switch (parts[0].toUpperCase(Locale.ROOT)) {
      case "NONE" -> {
        if (options || !command.isEmpty()) {
          throw ImportChanges.invalid("HEALTHCHECK NONE takes no arguments");
        }
        check.putArray("Test").add("NONE");
      }
      case "CMD" -> command(command);
      case "" -> throw ImportChanges.invalid("HEALTHCHECK requires at least one argument");
      default ->
          throw ImportChanges.invalid(
              "Unknown type \"%s\" in HEALTHCHECK (try CMD)"
                  .formatted(parts[0].toUpperCase(Locale.ROOT)));
    }
    return check;
  }

  private void command(String command) {
    if (command.isEmpty()) {
      throw ImportChanges.invalid("Missing command after HEALTHCHECK CMD");
    }
    ArrayNode test = check.putArray("Test");
    if (command.startsWith("[")) {
      List<String> words = ImportChanges.command(command);
      test.add("CMD");
      words.forEach(test::add);
    } else {
      test.add("CMD-SHELL").add(command);
    }
  }

  private void option(String option) {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    String value = equals < 0 ? "" : option.substring(equals + 1);
    switch (name) {
      case "interval" -> check.put("Interval", nanos(name, value));
      case "timeout" -> check.put("Timeout", nanos(name, value));
      case "start-period" -> check.put("StartPeriod", nanos(name, value));
      case "start-interval" -> check.put("StartInterval", nanos(name, value));
      case "retries" -> check.put("Retries", retries(value));
      default -> throw ImportChanges.invalid("Unknown flag: " + name);
    }
  }

  private static long nanos(String name, String value) {
    long nanos =
        GoDuration.parse(value)
            .filter(duration -> duration.compareTo(LONGEST) <= 0)
            .orElseThrow(() -> ImportChanges.invalid("invalid duration \"" + value + "\""))
            .toNanos();
    if (nanos != 0 && nanos < NANOS_MIN) {
      throw ImportChanges.invalid("Interval \"%s\" cannot be less than 1ms".formatted(name));
    }
    return nanos;
  }

  private static int retries(String value) {
    try {
      int retries = Integer.parseInt(value);
      if (retries >= 0) {
        return retries;
      }
    } catch (NumberFormatException noNumber) {
      // Refused as a negative number is.
    }
    throw ImportChanges.invalid("--retries cannot be negative or no number: " + value);
  }
}
