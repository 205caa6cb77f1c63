package dev.hanse.lab;

import java.util.ArrayList;
import java.util.List;

/** Which daemon runs on the hosts of a lab. */
public enum Engine {
  /** Hanse, from the distribution. */
  HANSE {
    @Override
    List<String> command(HostState host) {
      List<String> command = new ArrayList<>();
      command.add(Distribution.launcher().toString());
      command.addAll(List.of("daemon", "--data-root", host.dataRoot().toString()));
      command.addAll(List.of("--exec-root", host.execRoot().toString()));
      command.addAll(List.of("--host", host.dockerHost()));
      command.addAll(List.of("--pidfile", host.execRoot().resolve("daemon.pid").toString()));
      // The device, so that a test may give the host another address.
      command.addAll(List.of("--node-address", Underlay.HOST_LINK, "--hostname", host.name()));
      // The machine's containerd is not the host's: each starts its own.
      command.addAll(List.of("--containerd", "private"));
      return command;
    }
  },

  /** The real Docker Engine of this machine, for comparison. */
  DOCKER {
    @Override
    List<String> command(HostState host) {
      List<String> command = new ArrayList<>();
      // It mounts at fixed places and has no option for its host's name.
      command.addAll(List.of("unshare", "--mount", "--uts", "--", "sh", "-c"));
      command.add("hostname \"$1\" && shift && exec \"$@\"");
      command.addAll(List.of("sh", host.name(), "dockerd"));
      command.addAll(List.of("--data-root", host.dataRoot().toString()));
      command.addAll(List.of("--exec-root", host.execRoot().toString()));
      command.addAll(List.of("--host", host.dockerHost()));
      command.addAll(List.of("--pidfile", host.execRoot().resolve("daemon.pid").toString()));
      return command;
    }
  };

  /**
   * The command line that becomes the daemon of that host, in place of the process that runs it.
   */
  abstract List<String> command(HostState host);
}
