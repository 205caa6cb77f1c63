package dev.hanse.kernel.process;

import dev.hanse.kernel.file.OwnFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts programs that outlive this one.
 *
 * <p>A child of a Java program lives on when that ends, but shares its session: Ctrl-C at the
 * terminal and its hang-up reach it too. Java cannot call setsid(2) between fork and exec, so the
 * program setsid(1) (package util-linux) does; it makes the session and becomes the wanted program
 * under the same process number. Standard input is empty and the output goes to a file, so that no
 * pipe to this program breaks.
 */
public final class DetachedProcess {
  private DetachedProcess() {}

  /**
   * Starts a program in a session of its own.
   *
   * @param command the program and its arguments
   * @param environment variables added to those of this program
   * @param directory its working directory
   * @param output a file that takes its output and errors, at the end
   * @return the child; {@link Process#pid} is the wanted program's own number
   * @throws IOException if setsid is missing or the output cannot be opened; a missing program
   *     shows as exit code 127 and a line in {@code output}
   */
  public static Process start(
      List<String> command, Map<String, String> environment, Path directory, Path output)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add("setsid");
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(OwnFiles.appending(output));
    builder.environment().keySet().removeAll(Supervisor.VARIABLES);
    builder.environment().putAll(environment);
    return builder.start();
  }
}
