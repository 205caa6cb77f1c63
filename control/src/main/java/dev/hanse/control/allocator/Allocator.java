package dev.hanse.control.allocator;

import dev.hanse.control.Context;
import dev.hanse.control.Isolation;
import dev.hanse.control.Scope;
import dev.hanse.control.Tasks;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Gives out subnets, addresses and ports: networks first, then nodes, services and new tasks, each
 * of which needs what the former have. A task that cannot have what it needs says so in its status;
 * it is tried again when something was given back.
 */
public final class Allocator {
  private final Transaction transaction;
  private final Context context;
  private final Isolation isolation;
  private final Networks networks;
  private final Endpoints endpoints;

  /** Services whose tasks may have got something in this pass. */
  private final Set<String> served = new TreeSet<>();

  /** A network that a task is to be attached to, and how. */
  private record Wish(Network network, NetworkAttachmentConfig config) {}

  /** A task's attachments, or all that it lacks. */
  private sealed interface Outcome {
    record Attachments(List<NetworkAttachment> attachments) implements Outcome {}

    record Blocked(List<String> reasons) implements Outcome {
      static Blocked by(String reason) {
        return new Blocked(List.of(reason));
      }
    }
  }

  /** For one pass. */
  public Allocator(Transaction transaction, Context context, Isolation isolation) {
    this.transaction = transaction;
    this.context = context;
    this.isolation = isolation;
    this.networks = new Networks(transaction, context, isolation);
    this.endpoints = new Endpoints(transaction, networks);
  }

  /**
   * Gives everybody in the scope what is still missing.
   *
   * @param waiting the services outside of the scope that wait for ports or addresses; brought up
   *     to date
   */
  public void run(Scope scope, Set<String> waiting) {
    if (scope.networks()) {
      networks.run();
    }
    if (scope.networks() || scope.nodes() || scope.addresses()) {
      networks.attachNodes();
    }
    served.addAll(scope.services());
    boolean released = scope.addresses() || isAnyEndpointRenewed(scope.services());
    allocateServices(scope, released, waiting);
    for (Task task : scope.networks() || released ? everyWaiting() : waitingOf(served)) {
      if (task.getStatus().getState() == TaskState.NEW && Tasks.isWanted(task)) {
        allocateApart(task);
      }
    }
    networks.storeCursors();
  }

  /** Then ports and addresses that a service no longer wants come back within this pass. */
  private boolean isAnyEndpointRenewed(Set<String> services) {
    return services.stream()
        .flatMap(id -> transaction.find(Kind.SERVICE, id).stream())
        .anyMatch(service -> service.hasEndpoint() && !endpoints.isAllocated(service));
  }

  private void allocateServices(Scope scope, boolean released, Set<String> waiting) {
    Set<String> candidates = new TreeSet<>(scope.services());
    if (scope.networks()) {
      transaction.snapshot().all(Kind.SERVICE).forEach(service -> candidates.add(service.getId()));
    }
    if (released) {
      candidates.addAll(waiting);
    }
    for (String id : candidates) {
      Optional<Service> service = transaction.find(Kind.SERVICE, id);
      if (!isolation.run("service", id, () -> allocate(id, service, waiting))) {
        endpoints.undo();
        waiting.remove(id);
      }
    }
  }

  private void allocate(String id, Optional<Service> service, Set<String> waiting) {
    if (service.isEmpty() || endpoints.isAllocated(service.get())) {
      waiting.remove(id);
    } else if (endpoints.run(service.get())) {
      waiting.remove(id);
      served.add(id);
    } else {
      waiting.add(id);
    }
  }

  /** Who waits longest comes first. */
  private List<Task> everyWaiting() {
    List<Task> tasks = new ArrayList<>(transaction.snapshot().tasksWaiting());
    tasks.sort(Tasks.BY_AGE);
    return tasks;
  }

  private List<Task> waitingOf(Set<String> services) {
    List<Task> tasks = new ArrayList<>();
    for (String serviceId : services) {
      tasks.addAll(transaction.snapshot().tasksWaiting(serviceId));
    }
    tasks.sort(Tasks.BY_AGE);
    return tasks;
  }

  private void allocateApart(Task task) {
    if (!isolation.run("task", task.getId(), () -> allocate(task))) {
      networks.undo();
      tell(task, List.of(isolation.lastReason()));
    }
  }

  private void allocate(Task task) {
    Optional<Service> service = transaction.find(Kind.SERVICE, task.getServiceId());
    networks.begin();
    switch (attach(task, service)) {
      case Outcome.Attachments given -> {
        Task.Builder allocated =
            task.toBuilder()
                .clearNetworks()
                .addAllNetworks(given.attachments())
                .setStatus(
                    TaskStatus.newBuilder()
                        .setState(TaskState.PENDING)
                        .setMessage("pending task scheduling")
                        .setTimestamp(context.now()));
        service.ifPresent(found -> allocated.setEndpoint(found.getEndpoint()));
        transaction.put(Kind.TASK, allocated.build());
        served.add(task.getServiceId());
      }
      case Outcome.Blocked blocked -> {
        networks.undo();
        tell(task, blocked.reasons());
      }
    }
  }

  /** The reason that was told stays as long as it is true: others may come and go. */
  private void tell(Task task, List<String> reasons) {
    if (!reasons.contains(task.getStatus().getErr())) {
      Task.Builder told = task.toBuilder();
      told.getStatusBuilder().setErr(reasons.getFirst()).setTimestamp(context.now());
      transaction.put(Kind.TASK, told.build());
    }
  }

  private Outcome attach(Task task, Optional<Service> service) {
    if (service.isPresent() && !endpoints.isAllocated(service.get())) {
      return Outcome.Blocked.by(
          "the service has not got its published ports and virtual addresses: none is free");
    }
    List<Wish> wishes = new ArrayList<>();
    if (service.isPresent() && Endpoints.needsIngress(service.get())) {
      Optional<Network> ingress = transaction.snapshot().ingressNetwork();
      if (ingress.isEmpty()) {
        return Outcome.Blocked.by("the service needs the ingress network and there is none");
      }
      wishes.add(new Wish(ingress.get(), NetworkAttachmentConfig.getDefaultInstance()));
    }
    for (NetworkAttachmentConfig config : task.getSpec().getNetworksList()) {
      Optional<Network> network = transaction.find(Kind.NETWORK, config.getTarget());
      if (network.isEmpty()) {
        return Outcome.Blocked.by("network %s not found".formatted(config.getTarget()));
      }
      wishes.add(new Wish(network.get(), config));
    }
    return attach(wishes);
  }

  private Outcome attach(List<Wish> wishes) {
    List<Optional<String>> addresses = new ArrayList<>();
    List<String> obstacles = new ArrayList<>();
    for (Wish wish : wishes) {
      Optional<String> address = address(wish);
      if (address.isEmpty() && needsAddress(wish.network())) {
        obstacles.add(obstacle(wish));
      }
      addresses.add(address);
    }
    if (!obstacles.isEmpty()) {
      return new Outcome.Blocked(obstacles);
    }
    List<NetworkAttachment> attachments = new ArrayList<>();
    for (int i = 0; i < wishes.size(); i++) {
      Wish wish = wishes.get(i);
      NetworkAttachment.Builder attachment =
          networks
              .attachment(wish.network())
              .addAllAliases(wish.config().getAliasesList())
              .putAllDriverAttachmentOpts(wish.config().getDriverAttachmentOptsMap());
      addresses.get(i).ifPresent(attachment::addAddresses);
      attachments.add(attachment.build());
    }
    return new Outcome.Attachments(attachments);
  }

  private Optional<String> address(Wish wish) {
    if (!Networks.isReady(wish.network())) {
      return Optional.empty();
    }
    Optional<String> wanted = wish.config().getAddressesList().stream().findFirst();
    return wanted.isPresent()
        ? networks.take(wish.network(), wanted.get())
        : networks.next(wish.network());
  }

  private boolean needsAddress(Network network) {
    return !Networks.isReady(network) || networks.hasAddresses(network);
  }

  private static String obstacle(Wish wish) {
    String name = wish.network().getSpec().getAnnotations().getName();
    if (!Networks.isReady(wish.network())) {
      return "network %s has no subnet: the default address pools are used up".formatted(name);
    }
    return wish.config().getAddressesList().stream()
        .findFirst()
        .map(text -> "address %s of network %s is not free".formatted(text, name))
        .orElse("could not find an available IP in network " + name);
  }
}
