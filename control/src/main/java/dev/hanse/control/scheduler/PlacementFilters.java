package dev.hanse.control.scheduler;

import dev.hanse.control.allocator.ForeignSubnets;
import dev.hanse.control.allocator.Subnet;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.OverlayNode;
import dev.hanse.model.Placement;
import dev.hanse.model.Platform;
import dev.hanse.model.Task;
import dev.hanse.text.Letters;
import java.util.List;
import java.util.Optional;

/** The questions that a node has to answer with yes before it gets a task. */
final class PlacementFilters {
  private final Task task;
  private final Placement placement;
  private final List<Constraint> constraints;
  private final boolean malformed;
  private final Plugins plugins;
  private final boolean overlay;

  /** Of the networks that a node's host itself is on; other bridges have no address of a host. */
  private final List<Subnet> subnets;

  /** All tasks of a group are alike: one of them stands for all. */
  PlacementFilters(Task task) {
    this.task = task;
    this.placement = task.getSpec().getPlacement();
    this.plugins = new Plugins(task);
    this.overlay = OverlayNode.isNeededBy(task);
    this.subnets =
        task.getNetworksList().stream()
            .map(NetworkAttachment::getNetwork)
            .filter(network -> network.getSpec().getIngress())
            .flatMap(network -> network.getIpam().getConfigsList().stream())
            .flatMap(config -> Subnet.parse(config.getSubnet()).stream())
            .toList();
    switch (Constraint.parse(placement.getConstraintsList())) {
      case Constraint.Parsed.Constraints parsed -> {
        this.constraints = parsed.constraints();
        this.malformed = false;
      }
      case Constraint.Parsed.Malformed unreadable -> {
        this.constraints = List.of();
        this.malformed = true;
      }
    }
  }

  /** The first objection; empty if the node may have the task. */
  Optional<Veto> veto(NodeLoad load) {
    Node node = load.node();
    Optional<Veto> any = Readiness.veto(node);
    if (any.isPresent()) {
      return any;
    }
    if (!load.hasRoomFor(task)) {
      return Optional.of(Veto.RESOURCES);
    }
    if (!plugins.areOn(node)) {
      return Optional.of(Veto.PLUGIN);
    }
    if (malformed || !constraints.stream().allMatch(constraint -> constraint.allows(node))) {
      return Optional.of(Veto.CONSTRAINTS);
    }
    if (!suitsPlatform(node)) {
      return Optional.of(Veto.PLATFORM);
    }
    if (overlay && !OverlayNode.is(node)) {
      return Optional.of(Veto.OVERLAY);
    }
    if (isOneHiddenFrom(node)) {
      return Optional.of(Veto.FOREIGN_SUBNET);
    }
    if (!load.hasFreePortsFor(task)) {
      return Optional.of(Veto.HOST_PORT);
    }
    boolean full =
        placement.getMaxReplicas() > 0
            && load.tasksOf(task.getServiceId()) >= placement.getMaxReplicas();
    return full ? Optional.of(Veto.MAX_REPLICAS) : Optional.empty();
  }

  /** Whether the node would have to cut itself off from something, and refuse the task for it. */
  private boolean isOneHiddenFrom(Node node) {
    if (subnets.isEmpty() || node.getDescription().getForeignSubnetsCount() == 0) {
      return false;
    }
    ForeignSubnets foreign = ForeignSubnets.of(node);
    return subnets.stream().anyMatch(subnet -> foreign.conflict(subnet).isPresent());
  }

  private boolean suitsPlatform(Node node) {
    if (placement.getPlatformsCount() == 0 || !node.getDescription().hasPlatform()) {
      return true;
    }
    Platform actual = node.getDescription().getPlatform();
    return placement.getPlatformsList().stream()
        .anyMatch(
            wanted ->
                (wanted.getOs().isEmpty() || wanted.getOs().equalsIgnoreCase(actual.getOs()))
                    && (wanted.getArchitecture().isEmpty()
                        || architecture(wanted).equals(architecture(actual))));
  }

  /** Images and kernels have different words for the same machine. */
  private static String architecture(Platform platform) {
    String name = Letters.small(platform.getArchitecture());
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      case "armv7l", "armv6l" -> "arm";
      case "i386", "i686" -> "386";
      default -> name; // open-ended
    };
  }
}
