package dev.hanse.lab;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One host of a lab, as far as it is written down.
 *
 * @param name unique in the lab: host1, host2, …
 * @param address its address on the switch
 * @param manager whether it was started as a manager
 * @param namespace its network namespace
 * @param dataRoot what its daemon keeps on disk
 * @param execRoot what its daemon keeps in /run
 * @param daemon the daemon process, empty when it was stopped or killed by the lab
 */
public record HostState(
    String name,
    String address,
    boolean manager,
    Path namespace,
    Path dataRoot,
    Path execRoot,
    Optional<ProcessIdentity> daemon) {

  /** The daemon's API socket. */
  public Path socket() {
    return execRoot.resolve("docker.sock");
  }

  /** The daemon's log. */
  public Path log() {
    return execRoot.resolve("daemon.log");
  }

  /** What to put into DOCKER_HOST. */
  public String dockerHost() {
    return "unix://" + socket();
  }

  HostState withDaemon(Optional<ProcessIdentity> process) {
    return new HostState(name, address, manager, namespace, dataRoot, execRoot, process);
  }
}
