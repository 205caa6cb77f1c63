package dev.hanse.agent.workload;

import com.google.protobuf.Timestamp;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.Driver;
import dev.hanse.model.Endpoint;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.PortStatus;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.Resources;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.util.Base64;

/** Files as the program wrote them before there were workloads, byte by byte. */
public final class OldRecords {
  /** The port that was chosen for {@link #task}. */
  public static final PortConfig CHOSEN =
      PortConfig.newBuilder()
          .setTargetPort(80)
          .setPublishedPort(32768)
          .setPublishMode(PublishMode.HOST)
          .build();

  private OldRecords() {}

  /** {@code data/tasks/task1.task}. */
  public static byte[] taskFile() {
    return Base64.getDecoder()
        .decode(
            "aGFuc2UtcmVjb3JkIDEgMDAwMDAwZDQgMGIyNDM1MmYKCgV0YXNrMRpUCkkKDmJ1c3lib3g6bGF0"
                + "ZXN0EgYKAWESAWIqE1NMT1Q9e3suVGFzay5TbG90fX1iDgoHc2VjcmV0MRIDa2V5egoKCDEwLjku"
                + "OS45EgcKBRCAgIAgIghzZXJ2aWNlMSgDMgJuMUIUCgN3ZWISDQoEdGllchIFZnJvbnRKKAoGCIDi"
                + "z6oGEIAEGgdzdGFydGVkKgYKAmMxECoyCgoIGFAggIACKAFQgARiBhIEGFAoAWoaCglqc29uLWZp"
                + "bGUSDQoIbWF4LWZpbGUSATI=");
  }

  /** {@code networks/tasks/task1/task}. */
  public static byte[] networkFile() {
    return Base64.getDecoder()
        .decode(
            "aGFuc2UtcmVjb3JkIDEgMDAwMDAwMmQgOTQ0N2QzMTEKCgV0YXNrMRoOCgx6CgoIMTAuOS45LjlK"
                + "DDIKCggYUCCAgAIoAWIGEgQYUCgB");
  }

  /** {@code networks/tasks/task1/egress}, for 172.18.0.9. */
  public static byte[] egressFile() {
    return Base64.getDecoder()
        .decode("aGFuc2UtcmVjb3JkIDEgMDAwMDAwMGEgYjJiZDFiNjcKMTcyLjE4LjAuOQ==");
  }

  /** The task that these are of. */
  public static Task task() {
    return Task.newBuilder()
        .setId("task1")
        .setServiceId("service1")
        .setSlot(3)
        .setNodeId("n1")
        .setServiceAnnotations(Annotations.newBuilder().setName("web").putLabels("tier", "front"))
        .setSpec(
            TaskSpec.newBuilder()
                .setContainer(
                    ContainerSpec.newBuilder()
                        .setImage("busybox:latest")
                        .addEnv("SLOT={{.Task.Slot}}")
                        .putLabels("a", "b")
                        .setDnsConfig(
                            ContainerSpec.DNSConfig.newBuilder().addNameservers("10.9.9.9"))
                        .addSecrets(
                            SecretReference.newBuilder()
                                .setSecretId("secret1")
                                .setSecretName("key")))
                .setResources(
                    ResourceRequirements.newBuilder()
                        .setLimits(Resources.newBuilder().setMemoryBytes(1 << 26))))
        .setEndpoint(
            Endpoint.newBuilder()
                .addPorts(
                    PortConfig.newBuilder().setTargetPort(80).setPublishMode(PublishMode.HOST)))
        .setLogDriver(Driver.newBuilder().setName("json-file").putOptions("max-file", "2"))
        .setDesiredState(TaskState.RUNNING)
        .setStatus(
            TaskStatus.newBuilder()
                .setState(TaskState.RUNNING)
                .setMessage("started")
                .setTimestamp(Timestamp.newBuilder().setSeconds(1_700_000_000))
                .setContainer(ContainerStatus.newBuilder().setContainerId("c1").setPid(42))
                .setPortStatus(PortStatus.newBuilder().addPorts(CHOSEN)))
        .build();
  }
}
