package dev.hanse.sim.life;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.hanse.model.Annotations;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ConfigSpec;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.FileTarget;
import dev.hanse.model.GlobalJob;
import dev.hanse.model.GlobalService;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.ReplicatedJob;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretReference;
import dev.hanse.model.SecretSpec;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.ServiceSpecOrBuilder;
import dev.hanse.model.UpdateConfig;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.List;
import java.util.random.RandomGenerator;

/** Specifications drawn by lot. */
final class Specs {
  /** The label by which a specification is told from all others of its service. */
  static final String MARK = "mark";

  private static final int REPLICAS_MAX = 4;

  private Specs() {}

  static Annotations named(String name) {
    return Annotations.newBuilder().setName(name).build();
  }

  static String markOf(Service service) {
    return service.getSpec().getAnnotations().getLabelsOrDefault(MARK, "");
  }

  static ServiceSpec service(RandomGenerator random, Snapshot seen, String name, String mark) {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.setAnnotations(named(name).toBuilder().putLabels(MARK, mark));
    spec.getTaskBuilder()
        .setContainer(ContainerSpec.newBuilder().setImage(image(random)))
        .setRestart(
            RestartPolicy.newBuilder()
                .setCondition(RestartPolicy.RestartCondition.ANY)
                .setDelay(seconds(random.nextInt(3))));
    switch (random.nextInt(8)) {
      case 0, 1 -> spec.setGlobal(GlobalService.getDefaultInstance());
      case 2 -> spec.setGlobalJob(GlobalJob.getDefaultInstance());
      case 3 -> spec.setReplicatedJob(job(random));
      default ->
          spec.setReplicated(
              ReplicatedService.newBuilder().setReplicas(random.nextInt(REPLICAS_MAX + 1)));
    }
    if (!isJob(spec) && random.nextInt(5) != 0) {
      spec.setUpdate(update(random));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      spec.getEndpointBuilder().addPorts(port(random).setName("p" + i));
    }
    List<Network> networks =
        seen.all(Kind.NETWORK).stream()
            .filter(net -> net.getSpec().getAnnotations().getName().startsWith("n"))
            .toList();
    if (!networks.isEmpty() && random.nextInt(3) != 0) {
      spec.getTaskBuilder()
          .addNetworks(
              NetworkAttachmentConfig.newBuilder()
                  .setTarget(networks.get(random.nextInt(networks.size())).getId()));
    }
    if (spec.getEndpoint().getPortsCount() == 0 && random.nextInt(3) == 0) {
      spec.getEndpointBuilder().setMode(EndpointSpec.ResolutionMode.DNSRR);
    }
    addConfig(random, seen, spec);
    addSecret(random, seen, spec);
    return spec.build();
  }

  static boolean isJob(ServiceSpecOrBuilder spec) {
    return switch (spec.getModeCase()) {
      case REPLICATED_JOB, GLOBAL_JOB -> true;
      case REPLICATED, GLOBAL, MODE_NOT_SET -> false;
    };
  }

  private static ReplicatedJob job(RandomGenerator random) {
    return ReplicatedJob.newBuilder()
        .setMaxConcurrent(random.nextInt(REPLICAS_MAX))
        .setTotalCompletions(random.nextInt(2 * REPLICAS_MAX))
        .build();
  }

  /** An image with which a service of this mode comes to rest: it just runs, or it ends well. */
  static String finalImage(ServiceSpecOrBuilder spec) {
    return isJob(spec) ? "once:final" : "web:final";
  }

  private static PortConfig.Builder port(RandomGenerator random) {
    PortConfig.Builder port = PortConfig.newBuilder().setTargetPort(80);
    return switch (random.nextInt(6)) {
      case 0, 1 -> port.setPublishedPort(8000 + random.nextInt(6));
      case 2 -> port.setPublishedPort(8000 + random.nextInt(6)).setPublishMode(PublishMode.HOST);
      case 3 -> port.setPublishedPort(30_000 + random.nextInt(3));
      default -> port;
    };
  }

  private static UpdateConfig update(RandomGenerator random) {
    return UpdateConfig.newBuilder()
        .setParallelism(random.nextInt(3))
        .setDelay(seconds(random.nextInt(2)))
        .setMonitor(seconds(1))
        // Not ROLLBACK: it exchanges specifications that nobody has asked for.
        .setFailureAction(UpdateConfig.FailureAction.forNumber(random.nextInt(2)))
        .setOrder(UpdateConfig.UpdateOrder.forNumber(random.nextInt(2)))
        .build();
  }

  private static void addConfig(RandomGenerator random, Snapshot seen, ServiceSpec.Builder spec) {
    List<Config> configs = List.copyOf(seen.all(Kind.CONFIG));
    if (!configs.isEmpty() && random.nextInt(3) == 0) {
      Config config = configs.get(random.nextInt(configs.size()));
      spec.getTaskBuilder()
          .getContainerBuilder()
          .addConfigs(
              ConfigReference.newBuilder()
                  .setConfigId(config.getId())
                  .setConfigName(config.getSpec().getAnnotations().getName())
                  .setFile(FileTarget.newBuilder().setName("/c").setUid("0").setGid("0")));
    }
  }

  private static void addSecret(RandomGenerator random, Snapshot seen, ServiceSpec.Builder spec) {
    List<Secret> secrets = List.copyOf(seen.all(Kind.SECRET));
    if (!secrets.isEmpty() && random.nextInt(3) != 0) {
      Secret secret = secrets.get(random.nextInt(secrets.size()));
      spec.getTaskBuilder()
          .getContainerBuilder()
          .addSecrets(
              SecretReference.newBuilder()
                  .setSecretId(secret.getId())
                  .setSecretName(secret.getSpec().getAnnotations().getName())
                  .setFile(FileTarget.newBuilder().setName("h").setUid("0").setGid("0")));
    }
  }

  static String image(RandomGenerator random) {
    return switch (random.nextInt(12)) {
      case 0 -> "crash:1";
      case 1 -> "broken:1";
      case 2 -> "once:1";
      case 3 -> "unstartable:1";
      case 4 -> "large:" + random.nextInt(3);
      case 5 -> "stubborn:" + random.nextInt(3);
      default -> "web:" + random.nextInt(100);
    };
  }

  /** Another specification of the same service. */
  static ServiceSpec changed(RandomGenerator random, Snapshot seen, ServiceSpec spec, String mark) {
    ServiceSpec.Builder changed = spec.toBuilder();
    changed.getAnnotationsBuilder().putLabels(MARK, mark);
    switch (random.nextInt(5)) {
      case 0, 1 -> {
        if (spec.hasReplicated()) {
          changed.getReplicatedBuilder().setReplicas(random.nextInt(REPLICAS_MAX + 1));
        } else if (spec.hasReplicatedJob()) {
          changed.setReplicatedJob(job(random));
        }
      }
      case 2 -> changed.getTaskBuilder().getContainerBuilder().setImage(image(random));
      case 3 -> {
        changed.getTaskBuilder().getContainerBuilder().clearSecrets().clearConfigs();
        addConfig(random, seen, changed);
        addSecret(random, seen, changed);
      }
      default -> {
        if (spec.getEndpoint().getMode() == EndpointSpec.ResolutionMode.VIP) {
          changed.getEndpointBuilder().clearPorts().addPorts(port(random));
        }
      }
    }
    return changed.build();
  }

  /** The specification with which everything comes to rest. */
  static ServiceSpec settled(ServiceSpec spec, String mark) {
    ServiceSpec.Builder settled = spec.toBuilder();
    settled.getAnnotationsBuilder().putLabels(MARK, mark);
    settled.getTaskBuilder().getContainerBuilder().setImage(finalImage(spec));
    settled.clearUpdate();
    if (spec.hasReplicatedJob() && spec.getReplicatedJob().getMaxConcurrent() == 0) {
      settled.getReplicatedJobBuilder().setMaxConcurrent(1); // None at a time would never end.
    }
    // So many tasks as are wanted may not find as many nodes with the port free.
    List<PortConfig> ports =
        spec.getEndpoint().getPortsList().stream()
            .filter(port -> port.getPublishMode() != PublishMode.HOST)
            .toList();
    if (ports.size() < spec.getEndpoint().getPortsCount()) {
      settled.getEndpointBuilder().clearPorts().addAllPorts(ports);
    }
    return settled.build();
  }

  static NetworkSpec network(String name) {
    return NetworkSpec.newBuilder().setAnnotations(named(name)).build();
  }

  static SecretSpec secret(String name) {
    return SecretSpec.newBuilder()
        .setAnnotations(named(name))
        .setData(ByteString.copyFromUtf8(name))
        .build();
  }

  static ConfigSpec config(String name) {
    return ConfigSpec.newBuilder()
        .setAnnotations(named(name))
        .setData(ByteString.copyFromUtf8(name))
        .build();
  }

  private static Duration seconds(int seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }
}
