package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Directories;
import dev.hanse.lab.Engine;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabPlan;
import dev.hanse.lab.demo.BusyboxImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One lab of a manager and two workers for all test classes of a process that only use it and break
 * nothing: made by the first, taken down after the last. After each test its services, networks,
 * secrets and configs are removed.
 */
final class SharedLab implements BeforeAllCallback, AfterEachCallback, ParameterResolver {
  /** The image that every host of it has: busybox with a web server on port 80. */
  static final String IMAGE = "hanse/web:test";

  // Lab names begin with this, so that several test runs on one machine can be told apart.
  private static final String PREFIX = System.getProperty("systemtest.prefix", "systemtest");

  /** Each process of one test run has a shared lab of its own. */
  private static final String FORK = System.getProperty("systemtest.fork", "");

  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(SharedLab.class);

  /** Takes the lab down when the last test has ended. */
  private record Running(Lab lab) implements AutoCloseable {
    @Override
    public void close() {
      lab.down(progress -> {});
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    lab(context);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    DockerCommand docker = new DockerCommand(lab(context), "host1");
    for (String kind : List.of("service", "secret", "config")) {
      for (String id : docker.run(kind, "ls", "-q").lines().toList()) {
        docker.run(kind, "rm", id);
      }
    }
    for (String name : overlays(docker)) {
      // A network is in use until the last container on it is gone.
      eventually(() -> assertThat(docker.attempt("network", "rm", name).err()).isEmpty());
    }
  }

  private static List<String> overlays(DockerCommand docker) {
    String names =
        docker.run("network", "ls", "--filter", "driver=overlay", "--format", "{{.Name}}");
    return names.lines().filter(name -> !name.equals("ingress")).toList();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Lab.class
        || parameter.getParameter().getType() == DockerCommand.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Lab lab = lab(context);
    return parameter.getParameter().getType() == Lab.class ? lab : new DockerCommand(lab, "host1");
  }

  private static Lab lab(ExtensionContext context) {
    // The session is that of the process; each class has a root of its own when two processes share
    // them.
    return context
        .getStore(StoreScope.LAUNCHER_SESSION, SPACE)
        .computeIfAbsent(
            PREFIX,
            name -> new Running(make(LabPlan.of(name("shared" + FORK), 1, 2))),
            Running.class)
        .lab();
  }

  /** The full name of the lab that a test calls so. */
  static String name(String lab) {
    return PREFIX + "-" + lab;
  }

  /**
   * Makes a lab and loads the test image on all its hosts. With {@code -Dsystemtest.engine=DOCKER}
   * the hosts run real Docker daemons: what the stories expect of Docker is checked against it.
   */
  static Lab make(LabPlan plan) {
    Engine engine = Engine.valueOf(System.getProperty("systemtest.engine", Engine.HANSE.name()));
    Lab lab = Lab.up(Directories.standard(), plan.withEngine(engine), progress -> {});
    byte[] image = BusyboxImage.archive(IMAGE);
    for (HostState host : lab.hosts()) {
      try {
        lab.docker(host.name()).send("/images/load?quiet=1", "application/x-tar", image);
      } catch (IOException failure) {
        throw new AssertionError("cannot load the image on " + host.name(), failure);
      }
    }
    return lab;
  }
}
