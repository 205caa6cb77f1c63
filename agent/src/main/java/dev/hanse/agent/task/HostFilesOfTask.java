package dev.hanse.agent.task;

import com.google.protobuf.ByteString;
import dev.hanse.agent.mount.TaskFile;
import dev.hanse.agent.mount.TaskFiles;
import dev.hanse.agent.network.TaskNetwork;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NodeDescription;
import dev.hanse.runtime.spec.ContainerSettings.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The files by which a task's container knows its own name and those of others. */
final class HostFilesOfTask {
  private static final String HOSTS = "hosts";
  private static final String HOSTNAME = "hostname";
  private static final String RESOLVER = "resolv.conf";

  private final TaskFiles files;
  private final Supplier<NodeDescription> node;

  HostFilesOfTask(TaskFiles files, Supplier<NodeDescription> node) {
    this.files = files;
    this.node = node;
  }

  /** The files; the content of {@code resolv.conf} is the network's. */
  List<TaskFile> files(TaskLife life, ContainerSpec spec, TaskNetwork network) throws IOException {
    boolean onHost = network.namespace().isEmpty();
    String hostname = hostname(life.containerId(), spec, onHost);
    String hosts =
        onHost
            ? HostNames.hostsFileOnHost(
                spec, network.hostGateway(), Files.readString(Path.of("/etc/hosts")))
            : HostNames.hostsFile(spec, network.hostGateway(), hostname, network.namedAddresses());
    return List.of(
        TaskFile.text(HOSTS, hosts),
        TaskFile.text(HOSTNAME, hostname + "\n"),
        new TaskFile(RESOLVER, resolver(network), TaskFile.Owner.ROOT, 0644));
  }

  /** Where they are on the host. */
  HostFiles paths(String taskId) throws IOException {
    return new HostFiles(
        Optional.of(files.path(taskId, HOSTS)),
        Optional.of(files.path(taskId, HOSTNAME)),
        Optional.of(files.path(taskId, RESOLVER)));
  }

  /** The network of a task that has its files may have another {@code resolv.conf} by now. */
  void renew(TaskLife life, TaskNetwork network) throws IOException {
    files.rewrite(life.id(), RESOLVER, resolver(network));
  }

  private static ByteString resolver(TaskNetwork network) throws IOException {
    return ByteString.copyFrom(Files.readAllBytes(network.resolvConf()));
  }

  /** The name that a container has, without a specification's word its own or the host's. */
  String hostname(String containerId, ContainerSpec spec, boolean onHost) {
    if (!spec.getHostname().isEmpty()) {
      return spec.getHostname();
    }
    return onHost ? node.get().getHostname() : containerId.substring(0, 12);
  }
}
