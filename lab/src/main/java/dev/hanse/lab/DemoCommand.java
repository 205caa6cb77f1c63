package dev.hanse.lab;

import dev.hanse.lab.demo.Demonstration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hanse demo}: five hosts, a service with three replicas, the routing mesh. */
@Command(
    name = "demo",
    description = {
      "Makes a lab of five hosts, runs a web service of three tasks, asks its published port on all",
      "five hosts, publishes another port without a restart, and leaves the lab up for playing.",
      "The exit status is 0 only if everything was as it should be. Needs root."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Option(names = "--down", description = "Take the demo's lab down")
  private boolean down;

  @Override
  public Integer call() {
    Directories directories = Directories.standard();
    if (down) {
      Lab.find(directories, Demonstration.LAB)
          .ifPresentOrElse(
              lab -> lab.down(LabCommand::say),
              () -> System.err.println("the demo's lab is not up"));
      return 0;
    }
    return Interruption.guard(
        directories, Demonstration.LAB, LabCommand::say, () -> show(directories) ? 0 : 1);
  }

  private static boolean show(Directories directories) {
    Lab.find(directories, Demonstration.LAB).ifPresent(lab -> lab.down(LabCommand::say));
    try {
      return new Demonstration(directories, System.out).run();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure.getMessage(), failure);
    }
  }
}
