package dev.hanse.control.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.Tasks;
import dev.hanse.control.allocator.NodeOrdinals;
import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.UpdateConfig;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What must hold at every moment, whatever happens. */
final class Invariants {
  private Invariants() {}

  static void check(World world) {
    checkAddresses(world.snapshot());
    checkPorts(world.snapshot());
    checkNodes(world.snapshot());
    checkProcesses(world);
  }

  private static void checkAddresses(Snapshot snapshot) {
    Set<String> given = new HashSet<>();
    Set<String> macs = new HashSet<>();
    for (Network network : snapshot.all(Kind.NETWORK)) {
      for (IPAMConfig config : network.getIpam().getConfigsList()) {
        give(given, network.getId(), config.getGateway());
        assertThat(given.add(config.getSubnet())).as(config.getSubnet()).isTrue();
      }
    }
    for (Service service : snapshot.all(Kind.SERVICE)) {
      for (Endpoint.VirtualIP address : service.getEndpoint().getVirtualIpsList()) {
        give(given, address.getNetworkId(), address.getAddr());
      }
    }
    for (Node node : snapshot.all(Kind.NODE)) {
      node.getAttachmentsList().forEach(attachment -> give(given, macs, attachment));
    }
    for (Task task : snapshot.all(Kind.TASK)) {
      if (!Tasks.isDead(task)) {
        task.getNetworksList().forEach(attachment -> give(given, macs, attachment));
      }
    }
  }

  private static void give(Set<String> given, Set<String> macs, NetworkAttachment attachment) {
    assertThat(macs.add(attachment.getMacAddress())).as("unique MAC").isTrue();
    attachment
        .getAddressesList()
        .forEach(address -> give(given, attachment.getNetwork().getId(), address));
  }

  private static void give(Set<String> given, String networkId, String address) {
    String bare = address.contains("/") ? address.substring(0, address.indexOf('/')) : address;
    assertThat(given.add(networkId + " " + bare)).as(bare + " given once").isTrue();
  }

  private static void checkPorts(Snapshot snapshot) {
    Set<String> ports = new HashSet<>();
    for (Service service : snapshot.all(Kind.SERVICE)) {
      for (PortConfig port : service.getEndpoint().getPortsList()) {
        if (port.getPublishMode() == PortConfig.PublishMode.INGRESS) {
          String key = port.getProtocol() + " " + port.getPublishedPort();
          assertThat(port.getPublishedPort()).isPositive();
          assertThat(ports.add(key)).as(key).isTrue();
        }
      }
      assertThat(service.getEndpoint().getSpec().getMode())
          .isNotEqualTo(EndpointSpec.ResolutionMode.UNRECOGNIZED);
    }
  }

  private static void checkNodes(Snapshot snapshot) {
    Set<Integer> ordinals = new HashSet<>();
    for (Node node : snapshot.all(Kind.NODE)) {
      for (NetworkAttachment attachment : node.getAttachmentsList()) {
        assertThat(ordinals.add(NodeOrdinals.of(attachment).orElseThrow())).isTrue();
      }
    }
  }

  /** Numbers begin with 1 in services, and with 0 in jobs. */
  private static boolean isNodeSlot(World world, Task task) {
    return task.getSlot() == 0
        && world
            .snapshot()
            .find(Kind.SERVICE, task.getServiceId())
            .filter(service -> service.getSpec().hasReplicatedJob())
            .isEmpty();
  }

  /**
   * No two processes of a slot on nodes that the manager reaches, but with start-first. Which order
   * a service had that is gone, nobody knows any more.
   */
  private static void checkProcesses(World world) {
    Map<String, Task> bySlot = new HashMap<>();
    for (FakeAgent agent : world.agents().values()) {
      if (!agent.isConnected()) {
        continue;
      }
      for (Task task : agent.processes()) {
        boolean stopFirst =
            world
                .snapshot()
                .find(Kind.SERVICE, task.getServiceId())
                .filter(
                    service ->
                        service.getSpec().getUpdate().getOrder()
                            != UpdateConfig.UpdateOrder.START_FIRST)
                .isPresent();
        if (stopFirst && !agent.hasOutlived(task)) {
          String slot =
              task.getServiceId()
                  + "/"
                  + task.getSlot()
                  + (isNodeSlot(world, task) ? task.getNodeId() : "");
          Task other = bySlot.put(slot, task);
          assertThat(other)
              .as(
                  "%s second process of slot %s: %s",
                  world.now(), slot, world.snapshot().tasksOfService(task.getServiceId()))
              .isNull();
        }
      }
    }
  }
}
