package dev.hanse.control.allocator;

import dev.hanse.control.Context;
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

/**
 * Gives out subnets, addresses and ports: networks first, then nodes, services and new tasks, each
 * of which needs what the former have. A task that cannot have what it needs says so in its status
 * and is tried again in every pass.
 */
public final class Allocator {
  private final Transaction transaction;
  private final Context context;
  private final Networks networks;
  private final Endpoints endpoints;

  /** A task's attachments, or why it cannot have them. */
  private sealed interface Outcome {
    record Attachments(List<NetworkAttachment> attachments) implements Outcome {}

    record Blocked(String reason) implements Outcome {}
  }

  /** For one pass. */
  public Allocator(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
    this.networks = new Networks(transaction, context);
    this.endpoints = new Endpoints(transaction, networks);
  }

  /** Gives everybody what is still missing. */
  public void run() {
    networks.run();
    for (Service service : transaction.snapshot().all(Kind.SERVICE)) {
      endpoints.run(service);
    }
    List<Task> waiting = new ArrayList<>(transaction.snapshot().tasksWaiting());
    waiting.sort(Tasks.BY_AGE); // who waits longest is served first
    for (Task task : waiting) {
      if (task.getStatus().getState() == TaskState.NEW && Tasks.isWanted(task)) {
        allocate(task);
      }
    }
    networks.storeCursors();
  }

  private void allocate(Task task) {
    Optional<Service> service = transaction.find(Kind.SERVICE, task.getServiceId());
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
      }
      case Outcome.Blocked blocked -> {
        if (!task.getStatus().getErr().equals(blocked.reason())) {
          Task.Builder told = task.toBuilder();
          told.getStatusBuilder().setErr(blocked.reason()).setTimestamp(context.now());
          transaction.put(Kind.TASK, told.build());
        }
      }
    }
  }

  private Outcome attach(Task task, Optional<Service> service) {
    if (service.isPresent() && !endpoints.isAllocated(service.get())) {
      return new Outcome.Blocked(
          "the service has not got its published ports and virtual addresses: none is free");
    }
    List<NetworkAttachment> attachments = new ArrayList<>();
    if (service.isPresent() && Endpoints.needsIngress(service.get())) {
      Optional<Network> ingress = transaction.snapshot().ingressNetwork();
      if (ingress.isEmpty()) {
        return new Outcome.Blocked("the service needs the ingress network and there is none");
      }
      switch (attach(ingress.get(), NetworkAttachmentConfig.getDefaultInstance())) {
        case Outcome.Attachments given -> attachments.addAll(given.attachments());
        case Outcome.Blocked blocked -> {
          return blocked;
        }
      }
    }
    for (NetworkAttachmentConfig config : task.getSpec().getNetworksList()) {
      Optional<Network> network = transaction.find(Kind.NETWORK, config.getTarget());
      if (network.isEmpty()) {
        return new Outcome.Blocked("network %s not found".formatted(config.getTarget()));
      }
      switch (attach(network.get(), config)) {
        case Outcome.Attachments given -> attachments.addAll(given.attachments());
        case Outcome.Blocked blocked -> {
          return blocked;
        }
      }
    }
    return new Outcome.Attachments(attachments);
  }

  private Outcome attach(Network network, NetworkAttachmentConfig config) {
    String name = network.getSpec().getAnnotations().getName();
    if (!Networks.isReady(network)) {
      return new Outcome.Blocked(
          "network %s has no subnet: the default address pools are used up".formatted(name));
    }
    NetworkAttachment.Builder attachment =
        networks
            .attachment(network)
            .addAllAliases(config.getAliasesList())
            .putAllDriverAttachmentOpts(config.getDriverAttachmentOptsMap());
    if (networks.hasAddresses(network)) {
      Optional<String> wanted = config.getAddressesList().stream().findFirst();
      Optional<String> address =
          wanted.isPresent() ? networks.take(network, wanted.get()) : networks.next(network);
      if (address.isEmpty()) {
        return new Outcome.Blocked(
            wanted
                .map(text -> "address %s of network %s is not free".formatted(text, name))
                .orElse("could not find an available IP in network " + name));
      }
      attachment.addAddresses(address.get());
    }
    return new Outcome.Attachments(List.of(attachment.build()));
  }
}
