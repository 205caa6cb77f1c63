package dev.hanse.node;

import java.util.Locale;

/** Sets up the log on standard error, before the first logger is made. */
final class Logging {

  private Logging() {}

  static void configure(DaemonCommand.LogLevel level) {
    set("defaultLogLevel", level.name().toLowerCase(Locale.ROOT));
    set("showDateTime", "true");
    set("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    set("showThreadName", "false");
    set("showShortLogName", "true");
    set("levelInBrackets", "false");
    // Libraries tell what they do at INFO; operators want to read what the node does.
    if (level.compareTo(DaemonCommand.LogLevel.DEBUG) < 0) {
      set("log.org.apache.ratis", "warn");
      set("log.org.eclipse.jetty", "warn");
      set("log.io.grpc", "warn");
    }
  }

  private static void set(String key, String value) {
    System.setProperty("org.slf4j.simpleLogger." + key, value);
  }
}
