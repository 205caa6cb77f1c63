package dev.hanse.control.scheduler;

import dev.hanse.model.Node;
import dev.hanse.model.PlacementPreference;
import dev.hanse.model.Task;
import dev.hanse.text.Letters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Chooses node after node for the equal tasks of one group: evenly over the branches of the
 * placement preferences, then evenly over the nodes, by the service's tasks and then by all. A node
 * whose tasks of this service fail again and again comes last.
 */
final class Spread {
  /**
   * So many recent failures make a node suspect. Fewer than Docker's five: we count what the task
   * history holds, and that keeps four dead tasks of a slot by default.
   */
  private static final int FAILURES_MAX = 3;

  private static final String NODE_LABELS = "node.labels.";
  private static final String ENGINE_LABELS = "engine.labels.";

  private final Task task;
  private final PlacementFilters filters;
  private final Branch root;

  Spread(Task task, PlacementFilters filters, List<NodeLoad> nodes) {
    this.task = task;
    this.filters = filters;
    List<NodeLoad> candidates =
        nodes.stream().filter(node -> filters.veto(node).isEmpty()).toList();
    this.root = branch(candidates, task.getSpec().getPlacement().getPreferencesList());
  }

  /** The best node for the next task; it is counted there by {@code place} before the next call. */
  Optional<NodeLoad> choose() {
    return root.choose();
  }

  private Branch branch(List<NodeLoad> nodes, List<PlacementPreference> preferences) {
    if (preferences.isEmpty()) {
      return new Leaf(nodes);
    }
    String descriptor = preferences.getFirst().getSpread().getSpreadDescriptor();
    Map<String, List<NodeLoad>> groups = new TreeMap<>();
    for (NodeLoad node : nodes) {
      groups.computeIfAbsent(value(node.node(), descriptor), key -> new ArrayList<>()).add(node);
    }
    List<PlacementPreference> rest = preferences.subList(1, preferences.size());
    return new Fork(groups.values().stream().map(group -> branch(group, rest)).toList());
  }

  private static String value(Node node, String descriptor) {
    String folded = Letters.small(descriptor);
    if (folded.startsWith(NODE_LABELS)) {
      String label = descriptor.substring(NODE_LABELS.length());
      return node.getSpec().getAnnotations().getLabelsOrDefault(label, "");
    }
    if (folded.startsWith(ENGINE_LABELS)) {
      String label = descriptor.substring(ENGINE_LABELS.length());
      return node.getDescription().getEngine().getLabelsOrDefault(label, "");
    }
    return "";
  }

  private sealed interface Branch {
    /** How many tasks of the service it carries. */
    int tasks();

    Optional<NodeLoad> choose();
  }

  private static final class Fork implements Branch {
    private final List<Branch> branches;

    Fork(List<Branch> branches) {
      this.branches = new ArrayList<>(branches);
    }

    @Override
    public int tasks() {
      return branches.stream().mapToInt(Branch::tasks).sum();
    }

    @Override
    public Optional<NodeLoad> choose() {
      List<Branch> order = new ArrayList<>(branches);
      order.sort(Comparator.comparingInt(Branch::tasks));
      for (Branch branch : order) {
        Optional<NodeLoad> node = branch.choose();
        if (node.isPresent()) {
          return node;
        }
      }
      return Optional.empty();
    }
  }

  private final class Leaf implements Branch {
    private final PriorityQueue<NodeLoad> queue;
    private final List<NodeLoad> nodes;
    private Optional<NodeLoad> chosen = Optional.empty();

    Leaf(List<NodeLoad> nodes) {
      this.nodes = nodes;
      this.queue = new PriorityQueue<>(order());
      this.queue.addAll(nodes);
    }

    @Override
    public int tasks() {
      return nodes.stream().mapToInt(node -> node.tasksOf(task.getServiceId())).sum();
    }

    @Override
    public Optional<NodeLoad> choose() {
      // The last choice has got its task by now and goes to its new place in the queue.
      chosen.filter(node -> filters.veto(node).isEmpty()).ifPresent(queue::add);
      chosen = Optional.ofNullable(queue.poll());
      return chosen;
    }
  }

  private Comparator<NodeLoad> order() {
    return Comparator.comparingInt(this::suspicion)
        .thenComparingInt(node -> node.tasksOf(task.getServiceId()))
        .thenComparingInt(NodeLoad::tasks)
        .thenComparing(node -> node.node().getId());
  }

  private int suspicion(NodeLoad node) {
    int failures = node.failuresOf(task);
    return failures >= FAILURES_MAX ? failures : 0;
  }
}
