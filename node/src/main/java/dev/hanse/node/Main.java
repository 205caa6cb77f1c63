package dev.hanse.node;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/**
 * The program {@code hanse}: one executable, the commands of {@link Commands}.
 *
 * <p>{@code hanse daemon} is started without the command line library when its arguments are plain:
 * a host waits for it after every boot and update, and the library takes a fifth of a second (its
 * classes are too old a form for the ahead-of-time cache).
 */
public final class Main {

  private Main() {}

  /**
   * Runs the command and ends the process with its status: 0 done, 1 failed, 2 used wrongly.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    Optional<DaemonCommand> daemon = DaemonArguments.parse(arguments);
    System.exit(daemon.isPresent() ? run(daemon.get()) : Commands.commandLine().execute(arguments));
  }

  private static int run(DaemonCommand daemon) {
    try {
      return daemon.call();
    } catch (Exception fault) {
      System.err.println("hanse: " + describe(fault));
      if (Boolean.getBoolean("hanse.trace")) {
        fault.printStackTrace();
      }
      return 1;
    }
  }

  /** What a user is told of a command that failed. */
  static String describe(Throwable fault) {
    String message = fault.getMessage();
    if (fault instanceof FileSystemException file && file.getReason() == null) {
      return switch (file) { // Whose message is the path alone.
        case NoSuchFileException _ -> "no such file or directory: " + message;
        case AccessDeniedException _ -> "permission denied: " + message;
        case FileAlreadyExistsException _ -> "exists already: " + message;
        case DirectoryNotEmptyException _ -> "not empty: " + message;
        case NotDirectoryException _ -> "no directory: " + message;
        default -> "cannot be used: " + message;
      };
    }
    return message == null || message.isBlank() ? fault.toString() : message;
  }
}
