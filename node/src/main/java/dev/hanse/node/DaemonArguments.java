package dev.hanse.node;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the plain form of {@code hanse daemon}'s command line: options with their full names and
 * values. Whatever else there is (help, mistakes, short forms run together) is left to {@link
 * Commands}, which knows the same options and explains itself; a test holds the two together.
 */
final class DaemonArguments {
  private final DaemonCommand command = new DaemonCommand();

  private DaemonArguments() {}

  /** The command with its options set; empty when this is not for us to read. */
  static Optional<DaemonCommand> parse(String... arguments) {
    if (arguments.length == 0 || !arguments[0].equals("daemon")) {
      return Optional.empty();
    }
    var parsed = new DaemonArguments();
    int at = 1;
    while (at < arguments.length) {
      String argument = arguments[at++];
      if (parsed.flag(argument)) {
        continue;
      }
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      if (equals < 0 && at == arguments.length) {
        return Optional.empty();
      }
      String name = equals < 0 ? argument : argument.substring(0, equals);
      String value = equals < 0 ? arguments[at++] : argument.substring(equals + 1);
      // Empty values, quotes, and options in the place of values have rules of their own.
      boolean plain = !value.isEmpty() && !value.startsWith("-") && value.indexOf('"') < 0;
      if (!plain || !parsed.option(name, value)) {
        return Optional.empty();
      }
    }
    return Optional.of(parsed.command);
  }

  private boolean flag(String name) {
    if (name.equals("--insecure-tcp")) {
      command.insecureTcp = true;
      return true;
    }
    return false;
  }

  /** Whether it is an option that we know, with a value that it can take. */
  private boolean option(String name, String value) {
    try {
      switch (name) {
        case "--data-root" -> command.dataRoot = Path.of(value);
        case "--exec-root" -> command.execRoot = Path.of(value);
        case "-H", "--host" -> command.hosts.add(value);
        case "--tls-dir" -> command.tlsDirectory = Path.of(value);
        case "--containerd" -> command.containerd = value;
        case "-p", "--pidfile" -> command.pidFile = Path.of(value);
        case "--hostname" -> command.hostname = value;
        case "--node-address" -> command.nodeAddress = value;
        case "--dns" -> command.resolvers.add(value);
        case "--insecure-registry" -> command.insecureRegistries.add(value);
        case "--node-generic-resource" -> command.genericResources.add(value);
        case "--nice" -> command.nice = Integer.valueOf(value);
        case "--oom-score-adjust" -> command.oomScore = Integer.valueOf(value);
        case "-l", "--log-level" ->
            command.logLevel = DaemonCommand.LogLevel.valueOf(value.toUpperCase(Locale.ROOT));
        default -> {
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException unreadable) {
      return false;
    }
  }
}
