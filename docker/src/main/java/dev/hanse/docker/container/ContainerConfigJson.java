package dev.hanse.docker.container;

import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXTS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.docker.json.ContainerSpecJson;
import java.util.Optional;

/** The {@code Config} part of a container's inspect: what the container is. */
public final class ContainerConfigJson {
  /** A line for each field; beside it stands {@link HostConfigJson#TABLE}. */
  public static final ShownTable<Inspected> TABLE =
      ShownTable.of(Inspected.class)
          .always("Hostname", TEXT, Inspected::hostname)
          .always("Domainname", TEXT, container -> "")
          .always("User", TEXT, Inspected::user)
          .always("AttachStdin", FLAG, container -> false)
          .always("AttachStdout", FLAG, container -> false)
          .always("AttachStderr", FLAG, container -> false)
          .other(ContainerConfigJson::showExposedPorts)
          .always("Tty", FLAG, container -> container.spec().getTty())
          .always("OpenStdin", FLAG, container -> container.spec().getOpenStdin())
          .always("StdinOnce", FLAG, container -> false)
          .always("Env", TEXTS, Inspected::environment)
          .always("Cmd", TEXTS, Inspected::arguments)
          .always("Image", TEXT, container -> container.container().image())
          .other(ContainerConfigJson::showVolumes)
          .always("WorkingDir", TEXT, Inspected::directory)
          .emptyAsNull("Entrypoint", TEXTS, Inspected::entrypoint)
          .nothing("OnBuild")
          .always("Labels", MAP, Inspected::labels)
          .other(ContainerConfigJson::showHealthcheck)
          .line("StopSignal", TEXT, Inspected::stopSignal)
          .without("container.labels", "shown as the runtime keeps them, with the task's")
          .without("container.stop_grace_period", "told when the task is stopped, as in Docker")
          .without("container.pull_options", "credentials are shown to nobody")
          .without("container.secrets", "files of the task, which Docker does not name here")
          .without("container.configs", "files of the task, which Docker does not name here")
          .build();

  private ContainerConfigJson() {}

  private static void showExposedPorts(Inspected container, ObjectNode config) {
    if (!container.exposedPorts().isEmpty()) {
      ObjectNode ports = config.putObject("ExposedPorts");
      container.exposedPorts().forEach(ports::putObject);
    }
  }

  private static void showVolumes(Inspected container, ObjectNode config) {
    config.putNull("Volumes");
    if (!container.volumes().isEmpty()) {
      ObjectNode volumes = config.putObject("Volumes");
      container.volumes().forEach(volumes::putObject);
    }
  }

  private static void showHealthcheck(Inspected container, ObjectNode config) {
    Optional<ObjectNode> check =
        container.spec().hasHealthcheck()
            ? Optional.of(ContainerSpecJson.HEALTH.show(container.spec().getHealthcheck()))
            : container.image().flatMap(image -> image.healthcheck()).map(HealthcheckJson::of);
    check.ifPresent(json -> config.set("Healthcheck", json));
  }
}
