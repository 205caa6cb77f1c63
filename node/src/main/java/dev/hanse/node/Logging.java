package dev.hanse.node;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Sets up the log on standard error, before the first logger is made. Where that is the journal of
 * systemd, each line has its priority.
 */
final class Logging {

  /** Held, since levels and filters go with their logger. Whoever reaches the port causes these. */
  private static final List<Logger> OF_GRPC =
      List.of(
          Logger.getLogger("io.grpc.internal.SerializingExecutor"),
          Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerTransport"));

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
      OF_GRPC.forEach(logger -> logger.setFilter(Logging::isOurs));
      set("log.org.apache.ratis", "warn");
      // These two tell of each pause of a slow machine.
      set("log.org.apache.ratis.util.JvmPauseMonitor", "error");
      set("log.org.apache.ratis.server.impl.FollowerState", "error");
      set("log.org.eclipse.jetty", "warn");
      // Tells of each client that leaves amid its request; what else fails, the API tells itself.
      set("log.org.eclipse.jetty.server.Response", "error");
      set("log.io.grpc", "warn");
    }
  }

  /** Not a message that cannot be read, nor a connection that breaks off. */
  private static boolean isOurs(LogRecord line) {
    for (Throwable each = line.getThrown(); each != null; each = each.getCause()) {
      if (each instanceof InvalidProtocolBufferException) {
        return false;
      }
    }
    return line.getLevel().intValue() >= Level.WARNING.intValue();
  }

  private static void set(String key, String value) {
    System.setProperty("org.slf4j.simpleLogger." + key, value);
  }
}
