package dev.hanse.sim.check;

import dev.hanse.control.Tasks;
import dev.hanse.control.allocator.NetworkNumbers;
import dev.hanse.control.allocator.NodeOrdinals;
import dev.hanse.control.allocator.Subnet;
import dev.hanse.model.Endpoint;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What every committed state must keep: nothing is given twice, nothing goes backwards. */
public final class Invariants {
  private Invariants() {}

  /** Checks the state after an entry, as a whole. */
  public static void check(Snapshot before, Snapshot after) {
    checkAddresses(after);
    Ports.check(after);
    References.check(after);
    checkNames(after);
    checkTasks(before, after);
  }

  /** Checks of the state after an entry what the entry may have broken. */
  public static void check(Snapshot before, Snapshot after, Changes changes) {
    Endangered endangered = Endangered.by(changes, before, after);
    if (endangered.addresses()) {
      checkAddresses(after);
    }
    if (endangered.ports()) {
      Ports.check(after);
    }
    if (endangered.references()) {
      References.check(after);
      checkNames(after);
    }
    for (String id : endangered.tasks()) {
      Optional<Task> former = before.find(Kind.TASK, id);
      Optional<Task> task = after.find(Kind.TASK, id);
      if (former.isPresent() && task.isPresent()) {
        checkTask(former.get(), task.get());
      }
    }
  }

  private static void checkAddresses(Snapshot snapshot) {
    Map<String, String> given = new HashMap<>();
    List<Subnet> subnets = new ArrayList<>();
    Set<Integer> numbers = new HashSet<>();
    Set<Integer> ordinals = new HashSet<>();
    for (Network network : snapshot.all(Kind.NETWORK)) {
      for (IPAMConfig config : network.getIpam().getConfigsList()) {
        give(given, network.getId(), config.getGateway(), "the gateway");
        Subnet subnet = Subnet.parse(config.getSubnet()).orElseThrow();
        for (Subnet other : subnets) {
          Violation.unless(!subnet.overlaps(other), "subnets %s and %s overlap", subnet, other);
        }
        subnets.add(subnet);
      }
      NetworkNumbers.of(network)
          .ifPresent(number -> Violation.unless(numbers.add(number), "VNI %s twice", number));
    }
    for (Service service : snapshot.all(Kind.SERVICE)) {
      for (Endpoint.VirtualIP address : service.getEndpoint().getVirtualIpsList()) {
        give(given, address.getNetworkId(), address.getAddr(), "service " + service.getId());
      }
    }
    for (Node node : snapshot.all(Kind.NODE)) {
      for (NetworkAttachment attachment : node.getAttachmentsList()) {
        give(given, attachment, "node " + node.getId());
        Violation.unless(
            ordinals.add(NodeOrdinals.of(attachment).orElse(-1)),
            "node ordinal %s twice",
            NodeOrdinals.of(attachment));
      }
    }
    for (Task task : snapshot.all(Kind.TASK)) {
      if (!Tasks.isDead(task)) {
        task.getNetworksList().forEach(attachment -> give(given, attachment, task.getId()));
      }
    }
  }

  private static void give(Map<String, String> given, NetworkAttachment attachment, String to) {
    String former = given.put("MAC " + attachment.getMacAddress(), to);
    Violation.unless(
        former == null, "MAC %s given to %s and %s", attachment.getMacAddress(), former, to);
    for (String address : attachment.getAddressesList()) {
      give(given, attachment.getNetwork().getId(), address, to);
    }
  }

  private static void give(Map<String, String> given, String network, String cidr, String to) {
    String address = cidr.contains("/") ? cidr.substring(0, cidr.indexOf('/')) : cidr;
    String former = given.put(network + " " + address, to);
    Violation.unless(
        former == null, "address %s of network %s given to %s and %s", cidr, network, former, to);
  }

  private static void checkNames(Snapshot snapshot) {
    Set<String> names = new HashSet<>();
    for (Service service : snapshot.all(Kind.SERVICE)) {
      String name = service.getSpec().getAnnotations().getName();
      Violation.unless(names.add(name), "service name %s twice", name);
    }
  }

  /** Observed and desired states only move forward; a task stays where it was put. */
  private static void checkTasks(Snapshot before, Snapshot after) {
    for (Task task : after.all(Kind.TASK)) {
      before.find(Kind.TASK, task.getId()).ifPresent(former -> checkTask(former, task));
    }
  }

  @SuppressWarnings("ReferenceEquality") // only a short cut
  private static void checkTask(Task former, Task task) {
    if (former == task) {
      return;
    }
    Violation.unless(
        task.getStatus().getStateValue() >= former.getStatus().getStateValue(),
        "task %s went back from %s to %s",
        task.getId(),
        former.getStatus().getState(),
        task.getStatus().getState());
    Violation.unless(
        task.getDesiredStateValue() >= former.getDesiredStateValue(),
        "task %s is wanted back from %s to %s",
        task.getId(),
        former.getDesiredState(),
        task.getDesiredState());
    Violation.unless(
        former.getNodeId().isEmpty() || former.getNodeId().equals(task.getNodeId()),
        "task %s went from node %s to %s",
        task.getId(),
        former.getNodeId(),
        task.getNodeId());
  }
}
