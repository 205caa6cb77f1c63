package dev.hanse.control.sim;

import com.google.protobuf.Message;
import dev.hanse.control.Tasks;
import dev.hanse.control.allocator.Subnet;
import dev.hanse.model.Endpoint;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.StoreAction;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes down what changes, in words that do not depend on random ids. */
final class Trace implements Store.Listener {
  private final World world;
  private final Instant start;
  private final List<String> lines = new ArrayList<>();
  private int tasksSeen;
  private final Map<String, String> names = new LinkedHashMap<>();

  Trace(World world) {
    this.world = world;
    this.start = world.now();
  }

  void line(String text) {
    String named = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      named = named.replace(name.getKey(), name.getValue());
    }
    double seconds = Duration.between(start, world.now()).toMillis() / 1000.0;
    lines.add("  +" + seconds + " " + named);
  }

  List<String> drain() {
    List<String> drained = List.copyOf(lines);
    lines.clear();
    return drained;
  }

  String taskId(String name) {
    return names.entrySet().stream()
        .filter(entry -> entry.getValue().equals(name))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  void tasks(Service service) {
    for (Task task :
        world.snapshot().tasksOfService(service.getId()).stream().sorted(Tasks.BY_AGE).toList()) {
      line(describe(world.snapshot(), task) + states(task) + addresses(task));
    }
  }

  @Override
  public void changed(Snapshot before, Snapshot after, Changes changes) {
    remember(Kind.SERVICE, after);
    remember(Kind.NETWORK, after);
    remember(Kind.NODE, after);
    for (StoreAction action : changes.actions()) {
      switch (action.getTargetCase()) {
        case TASK -> task(before, after, action.getTask().getId());
        case SERVICE -> service(before, after, action.getService().getId());
        case NETWORK -> network(before, after, action.getNetwork().getId());
        case NODE, CLUSTER, SECRET, CONFIG, RESOURCE, EXTENSION, VOLUME -> {}
        case TARGET_NOT_SET -> throw new IllegalStateException();
      }
    }
  }

  private <T extends Message> void remember(Kind<T> kind, Snapshot snapshot) {
    for (T object : snapshot.all(kind)) {
      if (!kind.nameOf(object).isEmpty()) {
        names.putIfAbsent(kind.id(object), "ID-OF-" + kind.nameOf(object));
      }
    }
  }

  private void task(Snapshot before, Snapshot after, String id) {
    if (!names.containsKey(id)) {
      names.put(id, "t" + ++tasksSeen);
    }
    Optional<Task> now = after.find(Kind.TASK, id);
    String was = before.find(Kind.TASK, id).map(Trace::states).orElse("");
    if (now.isEmpty()) {
      line(id + " removed");
    } else if (!states(now.get()).equals(was)) {
      line(describe(after, now.get()) + states(now.get()));
    }
  }

  private static String describe(Snapshot snapshot, Task task) {
    String node = snapshot.find(Kind.NODE, task.getNodeId()).map(Trace::hostname).orElse("-");
    return "%s %s.%d %s %s"
        .formatted(
            task.getId(),
            task.getServiceAnnotations().getName(),
            task.getSlot(),
            node,
            task.getSpec().getContainer().getImage());
  }

  private static String hostname(Node node) {
    return node.getDescription().getHostname();
  }

  private static String states(Task task) {
    String err = task.getStatus().getErr();
    return " %s, desired %s%s"
        .formatted(
            task.getStatus().getState(), task.getDesiredState(), err.isEmpty() ? "" : ": " + err);
  }

  private static String addresses(Task task) {
    StringBuilder text = new StringBuilder();
    task.getNetworksList()
        .forEach(
            attachment -> attachment.getAddressesList().forEach(a -> text.append(' ').append(a)));
    return text.toString();
  }

  private void service(Snapshot before, Snapshot after, String id) {
    String was = before.find(Kind.SERVICE, id).map(Trace::describe).orElse("");
    String now = after.find(Kind.SERVICE, id).map(Trace::describe).orElse("removed");
    if (!now.equals(was)) {
      line("service " + Kind.SERVICE.nameOf(either(before, after, id)) + " " + now);
    }
  }

  private static Service either(Snapshot before, Snapshot after, String id) {
    return after.find(Kind.SERVICE, id).or(() -> before.find(Kind.SERVICE, id)).orElseThrow();
  }

  private static String describe(Service service) {
    StringBuilder text = new StringBuilder();
    for (PortConfig port : service.getEndpoint().getPortsList()) {
      text.append(port.getPublishedPort()).append("->").append(port.getTargetPort()).append(' ');
    }
    for (Endpoint.VirtualIP address : service.getEndpoint().getVirtualIpsList()) {
      text.append(address.getAddr()).append(' ');
    }
    if (service.hasUpdateStatus()) {
      text.append(service.getUpdateStatus().getState())
          .append(": ")
          .append(service.getUpdateStatus().getMessage());
    }
    return text.toString().trim();
  }

  private void network(Snapshot before, Snapshot after, String id) {
    String was = before.find(Kind.NETWORK, id).map(Trace::subnets).orElse("");
    String now = after.find(Kind.NETWORK, id).map(Trace::subnets).orElse("removed");
    if (!now.equals(was)) {
      line("network " + id + " " + now);
    }
  }

  private static String subnets(dev.hanse.model.Network network) {
    StringBuilder text = new StringBuilder();
    for (IPAMConfig config : network.getIpam().getConfigsList()) {
      text.append(Subnet.parse(config.getSubnet()).orElseThrow())
          .append(" gateway ")
          .append(config.getGateway());
    }
    return text.toString();
  }
}
