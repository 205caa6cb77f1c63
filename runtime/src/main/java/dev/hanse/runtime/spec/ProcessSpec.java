package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageConfig;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The {@code process} part of the specification: command, environment, user, rights, limits. */
final class ProcessSpec {
  static final String INIT_TARGET = "/sbin/docker-init";
  private static final String SEARCH_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final BigInteger UNLIMITED = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private ProcessSpec() {}

  /** Docker's rule: an entrypoint given anew also hides the image's default arguments. */
  static List<String> command(ContainerSettings settings, ImageConfig image) {
    var command = new ArrayList<String>();
    if (settings.entrypoint().isPresent()) {
      List<String> given = settings.entrypoint().get();
      // One empty string is how the CLI says "no entrypoint".
      command.addAll(given.equals(List.of("")) ? List.of() : given);
      command.addAll(settings.arguments());
    } else {
      command.addAll(image.entrypoint());
      command.addAll(settings.arguments().isEmpty() ? image.command() : settings.arguments());
    }
    if (command.isEmpty()) {
      throw new RuntimeFault(RuntimeFault.Kind.INVALID, "no command specified");
    }
    return command;
  }

  static List<String> environment(ContainerSettings settings, ImageConfig image, String hostname) {
    Map<String, String> lines = new LinkedHashMap<>();
    put(lines, SEARCH_PATH);
    put(lines, "HOSTNAME=" + hostname);
    if (settings.terminal()) {
      put(lines, "TERM=xterm");
    }
    image.environment().forEach(line -> put(lines, line));
    settings.environment().forEach(line -> put(lines, line));
    return List.copyOf(lines.values());
  }

  /** Sets, or with a bare name removes, one variable. */
  static void put(Map<String, String> lines, String line) {
    int equals = line.indexOf('=');
    if (equals < 0) {
      lines.remove(line);
    } else {
      lines.put(line.substring(0, equals), line);
    }
  }

  static void user(ObjectNode process, ResolvedUser user) {
    ObjectNode node = process.putObject("user").put("uid", user.user()).put("gid", user.group());
    ArrayNode groups = node.putArray("additionalGids");
    user.groups().forEach(groups::add);
  }

  static void capabilities(ObjectNode process, List<String> names) {
    ObjectNode node = process.putObject("capabilities");
    for (String set : List.of("bounding", "effective", "permitted")) {
      ArrayNode list = node.putArray(set);
      names.forEach(list::add);
    }
  }

  static void limits(ObjectNode process, List<ResourceLimits.Ulimit> limits) {
    if (limits.isEmpty()) {
      return;
    }
    ArrayNode list = process.putArray("rlimits");
    for (ResourceLimits.Ulimit limit : limits) {
      list.addObject()
          .put("type", "RLIMIT_" + limit.name().toUpperCase(Locale.ROOT))
          .put("hard", bound(limit.hard()))
          .put("soft", bound(limit.soft()));
    }
  }

  private static BigInteger bound(long value) {
    return value < 0 ? UNLIMITED : BigInteger.valueOf(value);
  }
}
