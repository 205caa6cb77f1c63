package dev.hanse.node;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Sets up the log on standard error, before the first logger is made. Where that is the journal of
 * systemd, each line has its priority.
 */
final class Logging {

  private Logging() {}

  static void configure(DaemonCommand.LogLevel level) {
    set("defaultLogLevel", level.name().toLowerCase(Locale.ROOT));
    boolean journal =
        JournalLines.isStandardError(System.getenv().getOrDefault("JOURNAL_STREAM", ""));
    if (journal) {
      // Lines begin with their level; the journal has its own time.
      System.setErr(
          new PrintStream(
              new JournalLines(new FileOutputStream(FileDescriptor.err)),
              true,
              StandardCharsets.UTF_8));
    }
    set("showDateTime", Boolean.toString(!journal));
    set("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    set("showThreadName", "false");
    set("showShortLogName", "true");
    set("levelInBrackets", "false");
    // Libraries tell what they do at INFO; operators want to read what the node does.
    if (level.compareTo(DaemonCommand.LogLevel.DEBUG) < 0) {
      set("log.org.apache.ratis", "warn");
      // These two tell of each pause of a slow machine.
      set("log.org.apache.ratis.util.JvmPauseMonitor", "error");
      set("log.org.apache.ratis.server.impl.FollowerState", "error");
      set("log.org.eclipse.jetty", "warn");
      set("log.io.grpc", "warn");
    }
  }

  private static void set(String key, String value) {
    System.setProperty("org.slf4j.simpleLogger." + key, value);
  }
}
