package dev.hanse.store;

import com.google.protobuf.Message;
import dev.hanse.model.Cidr;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Endpoint;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Resource;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** A secondary index: the keys under which an object is found besides its id and its name. */
record Index<T extends Message>(String word, Function<T, Set<String>> keys) {
  static final String SERVICE = "service";
  static final String NODE = "node";
  static final String SLOT = "slot";
  static final String NETWORK = "network";
  static final String SECRET = "secret";
  static final String CONFIG = "config";
  static final String STAGE = "stage";
  static final String ADDRESS = "address";
  static final String PORT = "port";
  static final String KIND = "kind";

  /** The key of tasks that have not got as far as a node, and of networks not allocated yet. */
  static final String WAITING = "waiting";

  /** The key of the network of the routing mesh. */
  static final String INGRESS = "ingress";

  static List<Index<Resource>> ofResources() {
    return List.of(new Index<>(KIND, resource -> Set.of(resource.getKind())));
  }

  static List<Index<Node>> ofNodes() {
    return List.of(new Index<>(ADDRESS, node -> addressesOf(node.getAttachmentsList())));
  }

  static List<Index<Network>> ofNetworks() {
    return List.of(new Index<>(STAGE, Index::stageOf));
  }

  private static Set<String> stageOf(Network network) {
    Set<String> keys = new TreeSet<>();
    if (!network.hasDriverState()) {
      keys.add(WAITING);
    }
    if (network.getSpec().getIngress()) {
      keys.add(INGRESS);
    }
    return keys;
  }

  static List<Index<Service>> ofServices() {
    return List.of(
        new Index<>(NETWORK, Index::networksOf),
        new Index<>(ADDRESS, Index::addressesOf),
        new Index<>(PORT, Index::portsOf),
        new Index<>(SECRET, service -> secretsOf(service.getSpec().getTask())),
        new Index<>(CONFIG, service -> configsOf(service.getSpec().getTask())));
  }

  static List<Index<Task>> ofTasks() {
    return List.of(
        new Index<>(SERVICE, task -> Set.of(task.getServiceId())),
        new Index<>(NODE, task -> one(task.getNodeId())),
        new Index<>(SLOT, task -> Set.of(slot(task.getServiceId(), task.getSlot()))),
        new Index<>(NETWORK, Index::networksOf),
        new Index<>(SECRET, task -> secretsOf(task.getSpec())),
        new Index<>(CONFIG, task -> configsOf(task.getSpec())),
        new Index<>(ADDRESS, Index::addressesOf),
        new Index<>(STAGE, Index::stageOf));
  }

  private static Set<String> stageOf(Task task) {
    return task.getStatus().getStateValue() < TaskState.ASSIGNED_VALUE
        ? Set.of(WAITING, waiting(task.getServiceId()))
        : Set.of();
  }

  static String waiting(String serviceId) {
    return WAITING + "/" + serviceId;
  }

  static String address(String networkId, String address) {
    return networkId + "/" + address;
  }

  /** A task that has ended holds its addresses no longer. */
  private static Set<String> addressesOf(Task task) {
    return task.getStatus().getStateValue() <= TaskState.RUNNING_VALUE
        ? addressesOf(task.getNetworksList())
        : Set.of();
  }

  private static Set<String> addressesOf(List<NetworkAttachment> attachments) {
    if (attachments.isEmpty()) {
      return Set.of();
    }
    Set<String> keys = new TreeSet<>();
    for (NetworkAttachment attachment : attachments) {
      for (String address : attachment.getAddressesList()) {
        keys.add(address(attachment.getNetwork().getId(), Cidr.address(address)));
      }
    }
    return keys;
  }

  private static Set<String> addressesOf(Service service) {
    if (service.getEndpoint().getVirtualIpsCount() == 0) {
      return Set.of();
    }
    Set<String> keys = new TreeSet<>();
    for (Endpoint.VirtualIP address : service.getEndpoint().getVirtualIpsList()) {
      keys.add(address(address.getNetworkId(), Cidr.address(address.getAddr())));
    }
    return keys;
  }

  /** Ports that a service has, and those that it asks for. */
  private static Set<String> portsOf(Service service) {
    Set<String> keys = new TreeSet<>();
    for (PortConfig port : service.getSpec().getEndpoint().getPortsList()) {
      keys.add(PublishedPort.of(port).toString());
    }
    for (PortConfig port : service.getEndpoint().getPortsList()) {
      keys.add(PublishedPort.of(port).toString());
    }
    return keys;
  }

  static String slot(String serviceId, long slot) {
    return serviceId + "/" + slot;
  }

  private static Set<String> one(String key) {
    return key.isEmpty() ? Set.of() : Set.of(key);
  }

  private static Set<String> networksOf(Service service) {
    Set<String> ids = networksOf(service.getSpec().getTask());
    for (NetworkAttachmentConfig config : deprecatedNetworks(service)) {
      ids.add(config.getTarget());
    }
    for (Endpoint.VirtualIP address : service.getEndpoint().getVirtualIpsList()) {
      ids.add(address.getNetworkId());
    }
    return ids;
  }

  /** The field that API clients before 1.25 used; still read so that no reference is overlooked. */
  @SuppressWarnings("deprecation")
  private static List<NetworkAttachmentConfig> deprecatedNetworks(Service service) {
    return service.getSpec().getNetworksList();
  }

  private static Set<String> networksOf(Task task) {
    if (task.getSpec().getNetworksCount() == 0 && task.getNetworksCount() == 0) {
      return Set.of();
    }
    Set<String> ids = networksOf(task.getSpec());
    for (NetworkAttachment attachment : task.getNetworksList()) {
      ids.add(attachment.getNetwork().getId());
    }
    return ids;
  }

  private static Set<String> networksOf(TaskSpec spec) {
    Set<String> ids = new TreeSet<>();
    for (NetworkAttachmentConfig config : spec.getNetworksList()) {
      ids.add(config.getTarget());
    }
    return ids;
  }

  private static Set<String> secretsOf(TaskSpec spec) {
    ContainerSpec container = spec.getContainer();
    if (container.getSecretsCount() == 0) {
      return Set.of();
    }
    Set<String> ids = new TreeSet<>();
    for (SecretReference reference : container.getSecretsList()) {
      ids.add(reference.getSecretId());
    }
    return ids;
  }

  private static Set<String> configsOf(TaskSpec spec) {
    ContainerSpec container = spec.getContainer();
    boolean credential = container.getPrivileges().getCredentialSpec().hasConfig();
    if (container.getConfigsCount() == 0 && !credential) {
      return Set.of();
    }
    Set<String> ids = new TreeSet<>();
    for (ConfigReference reference : container.getConfigsList()) {
      ids.add(reference.getConfigId());
    }
    if (credential) {
      ids.add(container.getPrivileges().getCredentialSpec().getConfig());
    }
    return ids;
  }
}
