package dev.hanse.agent.task;

import com.google.protobuf.ByteString;
import dev.hanse.agent.mount.TaskFiles;
import dev.hanse.agent.network.TaskNetwork;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NodeDescription;
import dev.hanse.runtime.spec.ContainerSettings.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** The files by which a task's container knows its own name and those of others. */
final class HostFilesOfTask {
  private final TaskFiles files;
  private final Supplier<NodeDescription> node;

  HostFilesOfTask(TaskFiles files, Supplier<NodeDescription> node) {
    this.files = files;
    this.node = node;
  }

  /** Writes {@code hosts} and {@code hostname}; {@code resolv.conf} is the network's. */
  HostFiles write(TaskLife life, ContainerSpec spec, TaskNetwork network) throws IOException {
    String taskId = life.task().getId();
    boolean onHost = network.namespace().isEmpty();
    String hostname = hostname(life, spec, onHost);
    String hosts =
        onHost
            ? HostNames.hostsFileOnHost(spec, Files.readString(Path.of("/etc/hosts")))
            : HostNames.hostsFile(spec, hostname, network.addresses());
    return new HostFiles(
        Optional.of(text(taskId, "hosts", hosts)),
        Optional.of(text(taskId, "hostname", hostname + "\n")),
        Optional.of(network.resolvConf()));
  }

  private Path text(String taskId, String name, String content) throws IOException {
    return files.write(taskId, name, ByteString.copyFromUtf8(content), TaskFiles.Owner.ROOT, 0644);
  }

  private String hostname(TaskLife life, ContainerSpec spec, boolean onHost) {
    if (!spec.getHostname().isEmpty()) {
      return spec.getHostname();
    }
    return onHost ? node.get().getHostname() : life.containerId().substring(0, 12);
  }
}
