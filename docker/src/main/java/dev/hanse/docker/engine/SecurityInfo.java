package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.spec.HostFacts;
import java.util.List;

/** What {@code docker info} says of the confinement of containers on this host. */
final class SecurityInfo {
  private SecurityInfo() {}

  /** In Docker's order; the command line prints each warning as it is. */
  static void add(ObjectNode info, ContainerRuntime runtime) {
    HostFacts facts = runtime.containers().facts();
    ArrayNode options = info.putArray("SecurityOptions");
    if (facts.appArmor()) {
      options.add("name=apparmor");
    }
    if (facts.seccomp()) {
      options.add("name=seccomp,profile=builtin");
    }
    if (facts.cgroupVersion() == 2) {
      options.add("name=cgroupns");
    }
    List<String> warnings = runtime.safety().warnings();
    if (!warnings.isEmpty()) {
      ArrayNode list = info.putArray("Warnings");
      warnings.forEach(warning -> list.add("WARNING: " + warning));
    }
  }
}
