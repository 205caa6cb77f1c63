package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Int64Value;
import dev.hanse.docker.container.ContainerConfigJson;
import dev.hanse.docker.container.HostConfigJson;
import dev.hanse.docker.container.Inspected;
import dev.hanse.docker.container.NodeContainer;
import dev.hanse.docker.json.Forgotten;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.runtime.containers.Confinement;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.web.Json;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code docker inspect} shows of a task's specification. */
class InspectTest {
  private static final String OF_CONTAINER = "container.";

  private static ObjectNode inspect(TaskSpec spec) {
    ContainerState state =
        new ContainerState(
            "0123456789abcdef",
            "sha256:1",
            Map.of(),
            ContainerState.Phase.RUNNING,
            Optional.of(1),
            Optional.empty(),
            Optional.empty(),
            Instant.EPOCH,
            Map.of());
    Inspected container =
        new Inspected(
            new NodeContainer(state, Optional.of(Task.newBuilder().setSpec(spec).build())),
            Optional.empty(),
            Optional.empty());
    ObjectNode json = Json.object();
    json.set("Config", ContainerConfigJson.TABLE.show(container));
    json.set(
        "HostConfig",
        HostConfigJson.of(container, new Confinement("", List.of(), List.of(), true)));
    return json;
  }

  private static ObjectNode inspect(ContainerSpec spec) {
    return inspect(TaskSpec.newBuilder().setContainer(spec).build());
  }

  /** The reasons that stand in both tables: those of the container's specification or the rest. */
  private static Map<String, String> hidden(boolean ofContainer) {
    Map<String, String> all = new HashMap<>(ContainerConfigJson.TABLE.hidden());
    all.putAll(HostConfigJson.TABLE.hidden());
    Map<String, String> hidden = new HashMap<>();
    all.forEach(
        (path, reason) -> {
          if (path.startsWith(OF_CONTAINER) == ofContainer) {
            hidden.put(ofContainer ? path.substring(OF_CONTAINER.length()) : path, reason);
          }
        });
    return hidden;
  }

  @Test
  void every_field_of_a_container_has_its_place_or_there_is_a_reason() {
    assertThat(
            Forgotten.fields(
                ContainerSpec.getDefaultInstance(),
                spec -> inspect((ContainerSpec) spec).toString(),
                hidden(true),
                field -> true))
        .as("fields that docker inspect forgets")
        .isEmpty();
  }

  @Test
  void every_field_of_a_task_has_its_place_or_there_is_a_reason() {
    assertThat(
            Forgotten.fields(
                TaskSpec.getDefaultInstance(),
                spec -> inspect((TaskSpec) spec).toString(),
                hidden(false),
                field -> !field.getContainingType().equals(ContainerSpec.getDescriptor())))
        .as("fields that docker inspect forgets")
        .isEmpty();
  }

  @Test
  void fields_that_were_forgotten_stand_where_docker_has_them() {
    TaskSpec.Builder spec = TaskSpec.newBuilder();
    spec.getContainerBuilder().setOomScoreAdj(-500).addGroups("7").addHosts("10.0.0.1 sea port");
    spec.getResourcesBuilder()
        .setSwapBytes(Int64Value.of(5))
        .setMemorySwappiness(Int64Value.of(60))
        .getLimitsBuilder()
        .setMemoryBytes(10);
    ObjectNode json = inspect(spec.build());
    assertThat(json.at("/HostConfig/OomScoreAdj").longValue()).isEqualTo(-500);
    assertThat(json.at("/HostConfig/GroupAdd/0").textValue()).isEqualTo("7");
    assertThat(json.at("/HostConfig/ExtraHosts/0").textValue()).isEqualTo("sea:10.0.0.1");
    assertThat(json.at("/HostConfig/MemorySwap").longValue()).isEqualTo(15);
    assertThat(json.at("/HostConfig/MemorySwappiness").longValue()).isEqualTo(60);
    assertThat(json.at("/HostConfig/Isolation").textValue()).isEqualTo("default");
    assertThat(json.at("/HostConfig/ShmSize").longValue()).isEqualTo(64 << 20);
  }

  /** Sources: the HostConfig of Docker's Engine API 1.51, and what its Go types leave out. */
  @Test
  void all_fields_of_a_host_config_are_there() {
    JsonNode host = inspect(TaskSpec.getDefaultInstance()).path("HostConfig");
    assertThat(host.fieldNames())
        .toIterable()
        .contains(
            ("AutoRemove Binds BlkioDeviceReadBps BlkioDeviceReadIOps BlkioDeviceWriteBps"
                    + " BlkioDeviceWriteIOps BlkioWeight BlkioWeightDevice CapAdd CapDrop Cgroup"
                    + " CgroupParent CgroupnsMode ConsoleSize ContainerIDFile CpuCount CpuPercent"
                    + " CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpuShares CpusetCpus"
                    + " CpusetMems DeviceCgroupRules DeviceRequests Devices Dns DnsOptions DnsSearch"
                    + " ExtraHosts GroupAdd IOMaximumBandwidth IOMaximumIOps IpcMode Isolation Links"
                    + " LogConfig MaskedPaths Memory MemoryReservation MemorySwap MemorySwappiness"
                    + " NanoCpus NetworkMode OomKillDisable OomScoreAdj PidMode PidsLimit"
                    + " PortBindings Privileged PublishAllPorts ReadonlyPaths ReadonlyRootfs"
                    + " RestartPolicy Runtime SecurityOpt ShmSize Sysctls UTSMode Ulimits UsernsMode"
                    + " VolumeDriver VolumesFrom")
                .split(" "));
    assertThat(host.path("CgroupnsMode").asText()).isEqualTo("private");
    assertThat(host.path("ConsoleSize").toString()).isEqualTo("[0,0]");
    assertThat(host.path("CpuShares").isIntegralNumber()).isTrue();
    assertThat(host.path("PidsLimit").isNull()).isTrue();
  }

  @Test
  void swap_is_as_docker_counts_it() {
    TaskSpec.Builder spec = TaskSpec.newBuilder();
    assertThat(inspect(spec.build()).at("/HostConfig/MemorySwap").longValue()).isZero();
    spec.getResourcesBuilder().getLimitsBuilder().setMemoryBytes(10);
    assertThat(inspect(spec.build()).at("/HostConfig/MemorySwap").longValue()).isEqualTo(20);
    spec.getResourcesBuilder().setSwapBytes(Int64Value.of(-1));
    assertThat(inspect(spec.build()).at("/HostConfig/MemorySwap").longValue()).isEqualTo(-1);
  }
}
