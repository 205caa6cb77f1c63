package dev.hanse.sim.check;

import dev.hanse.control.Tasks;
import dev.hanse.model.Endpoint;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.Service;
import dev.hanse.model.StoreAction;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which invariants an entry may have broken, if they held before: most entries only say how tasks
 * get on. In doubt all of them.
 *
 * @param addresses somebody may have got an address, a number or a subnet
 * @param ports somebody may have got a port
 * @param references a service, or what services refer to, was changed or removed
 * @param tasks the ids of those that were changed
 */
record Endangered(boolean addresses, boolean ports, boolean references, List<String> tasks) {
  static Endangered by(Changes changes, Snapshot before, Snapshot after) {
    boolean addresses = false;
    boolean ports = false;
    boolean references = false;
    List<String> tasks = new ArrayList<>();
    for (StoreAction action : changes.actions()) {
      switch (action.getTargetCase()) {
        case TASK -> {
          String id = action.getTask().getId();
          Optional<Task> former = before.find(Kind.TASK, id);
          Optional<Task> task = after.find(Kind.TASK, id);
          tasks.add(id);
          addresses |= !addressesOf(former).equals(addressesOf(task));
          ports |= !portsOf(former).equals(portsOf(task));
        }
        case NODE -> {
          String id = action.getNode().getId();
          addresses |=
              !before
                  .find(Kind.NODE, id)
                  .map(Node::getAttachmentsList)
                  .equals(after.find(Kind.NODE, id).map(Node::getAttachmentsList));
        }
        case SERVICE -> {
          String id = action.getService().getId();
          Optional<Endpoint> former = before.find(Kind.SERVICE, id).map(Service::getEndpoint);
          Optional<Endpoint> present = after.find(Kind.SERVICE, id).map(Service::getEndpoint);
          addresses |= !former.equals(present);
          ports |= !former.equals(present);
          references = true;
        }
        case NETWORK -> {
          String id = action.getNetwork().getId();
          Optional<Network> former = before.find(Kind.NETWORK, id);
          Optional<Network> present = after.find(Kind.NETWORK, id);
          addresses |= !former.map(Network::getIpam).equals(present.map(Network::getIpam));
          addresses |=
              !former.map(Network::getDriverState).equals(present.map(Network::getDriverState));
          references |= present.isEmpty();
        }
        case SECRET, CONFIG -> references = true;
        case CLUSTER, VOLUME, RESOURCE, EXTENSION, TARGET_NOT_SET -> {}
      }
    }
    return new Endangered(addresses, ports, references, tasks);
  }

  private static List<NetworkAttachment> addressesOf(Optional<Task> task) {
    return task.filter(present -> !Tasks.isDead(present))
        .map(Task::getNetworksList)
        .orElse(List.of());
  }

  private static List<PortConfig> portsOf(Optional<Task> task) {
    return task
        .filter(present -> !Tasks.isDead(present) && Tasks.isAssigned(present))
        .map(present -> present.getEndpoint().getPortsList())
        .orElse(List.of())
        .stream()
        .filter(port -> port.getPublishMode() == PublishMode.HOST)
        .toList();
  }
}
