package dev.hanse.runtime.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.Documents;
import dev.hanse.text.Letters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Applies Dockerfile lines to the {@code config} part of an image configuration. Source: the
 * Dockerfile reference, for the instructions that {@code docker import --change} takes.
 */
final class ImportChanges {
  private static final int TRIGGERS_MAX = 1_000;

  private final ObjectNode config;

  ImportChanges(ObjectNode config) {
    this.config = config;
  }

  void apply(String line) {
    String text = line.strip();
    int space = text.indexOf(' ');
    String instruction = (space < 0 ? text : text.substring(0, space)).toUpperCase(Locale.ROOT);
    String rest = space < 0 ? "" : text.substring(space + 1).strip();
    if (rest.isEmpty()) {
      throw invalid(instruction + " requires at least one argument");
    }
    switch (instruction) {
      case "CMD" -> array("Cmd", command(rest));
      case "ENTRYPOINT" -> array("Entrypoint", command(rest));
      case "ENV" -> pairs(rest).forEach(this::environment);
      case "LABEL" -> pairs(rest).forEach(this::label);
      case "EXPOSE" -> words(rest).forEach(port -> object("ExposedPorts", port(port)));
      case "VOLUME" ->
          (rest.startsWith("[") ? command(rest) : words(rest))
              .forEach(path -> object("Volumes", path));
      case "USER" -> config.put("User", rest);
      case "WORKDIR" -> config.put("WorkingDir", rest);
      case "STOPSIGNAL" -> config.put("StopSignal", rest);
      case "HEALTHCHECK" -> config.set("Healthcheck", HealthcheckLine.read(rest));
      case "ONBUILD" -> onBuild(rest);
      default -> throw invalid(instruction + " is not a valid change command");
    }
  }

  /** Kept for who builds upon the image; the instructions that cannot stand there are Docker's. */
  private void onBuild(String trigger) {
    String instruction = trigger.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
    switch (instruction) {
      case "ONBUILD" -> throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
      case "MAINTAINER", "FROM" ->
          throw invalid(instruction + " isn't allowed as an ONBUILD trigger");
      default -> {
        ArrayNode triggers = config.withArrayProperty("OnBuild");
        if (triggers.size() >= TRIGGERS_MAX) {
          throw invalid("more than " + TRIGGERS_MAX + " ONBUILD triggers");
        }
        triggers.add(trigger);
      }
    }
  }

  private static String port(String given) {
    return given.contains("/") ? Letters.small(given) : given + "/tcp";
  }

  private void environment(String pair) {
    String name = pair.substring(0, pair.indexOf('=') + 1);
    var kept = new ArrayList<String>();
    for (String old : Documents.texts(config.path("Env"))) {
      if (!old.startsWith(name)) {
        kept.add(old);
      }
    }
    kept.add(pair);
    array("Env", kept);
  }

  private void label(String pair) {
    int equals = pair.indexOf('=');
    config.withObjectProperty("Labels").put(pair.substring(0, equals), pair.substring(equals + 1));
  }

  private void object(String field, String name) {
    config.withObjectProperty(field).putObject(name);
  }

  private void array(String field, List<String> values) {
    var array = config.putArray(field);
    values.forEach(array::add);
  }

  /** A command in exec form (a JSON array) or shell form. */
  static List<String> command(String rest) {
    if (rest.startsWith("[")) {
      JsonNode array =
          Documents.read(
              rest.getBytes(java.nio.charset.StandardCharsets.UTF_8),
              RuntimeFault.Kind.INVALID,
              "change " + rest);
      return Documents.texts(array);
    }
    return List.of("/bin/sh", "-c", rest);
  }

  private static List<String> pairs(String rest) {
    List<String> words = words(rest);
    if (words.getFirst().indexOf('=') > 0) {
      for (String word : words) {
        if (word.indexOf('=') <= 0) {
          throw invalid("can't find = in \"" + word + "\". Must be of the form: name=value");
        }
      }
      return words;
    }
    int space = rest.indexOf(' ');
    if (space < 0) {
      throw invalid(rest + " must have two arguments");
    }
    return List.of(rest.substring(0, space) + "=" + rest.substring(space + 1).strip());
  }

  /** Splits at blanks; quotes and backslashes protect them. */
  private static List<String> words(String rest) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    char quote = 0;
    boolean inWord = false;
    for (int i = 0; i < rest.length(); i++) {
      char c = rest.charAt(i);
      if (c == '\\' && quote != '\'' && i + 1 < rest.length()) {
        word.append(rest.charAt(++i));
        inWord = true;
      } else if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        inWord = true;
      } else if (c == ' ' || c == '\t') {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  static RuntimeFault invalid(String message) {
    return new RuntimeFault(RuntimeFault.Kind.INVALID, message);
  }
}
