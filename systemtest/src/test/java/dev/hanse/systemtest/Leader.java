package dev.hanse.systemtest;

import dev.hanse.lab.Lab;

/** Which host leads. */
final class Leader {
  private Leader() {}

  /** The host that leads, as another one tells; waits until there is one. */
  static String of(Lab lab, String asked) {
    DockerCommand docker = new DockerCommand(lab, asked);
    return Eventually.value(
        "a leader",
        () ->
            docker
                .attempt("node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}")
                .lines()
                .stream()
                .filter(line -> line.endsWith(" Leader"))
                .map(line -> line.split(" ")[0])
                .findFirst());
  }
}
