package dev.hanse.agent.task;

import dev.hanse.text.Digits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that tasks take from their node, kind by kind: the one list by which it is given back,
 * when a task ends, when its container is removed, and when it belongs to no task at all.
 *
 * <p>Each kind says what there is of it by looking (at the kernel, the disk, containerd), not by
 * remembering; giving back what is not there does nothing. So whatever broke off, a crash of the
 * daemon included, the same list finds it.
 */
final class Holdings {
  private static final Logger LOG = LoggerFactory.getLogger(Holdings.class);
  private static final int CONTAINER_ID_DIGITS = 64;

  /** How long a task holds something. */
  enum Until {
    /** Until it has ended. */
    ITS_END,

    /** Until its container is removed, for the log and the exit code. */
    ITS_REMOVAL
  }

  /** Which id a kind is known by. */
  private enum Key {
    TASK,
    CONTAINER
  }

  /** Says by ids whose things are there. */
  @FunctionalInterface
  interface Present {
    /** Looks. */
    Collection<String> ids() throws IOException, InterruptedException;
  }

  /** Gives back what one task or container has; nothing happens when it has nothing. */
  @FunctionalInterface
  interface Return {
    /** Does it. */
    void of(String id) throws IOException, InterruptedException;
  }

  private record Kind(String name, Until until, Key key, Present present, Return giveBack) {}

  private final List<Kind> kinds = new ArrayList<>();

  /** One more kind, known by the ids of tasks; kinds are given back in the order of these calls. */
  Holdings ofTask(String name, Until until, Present present, Return giveBack) {
    kinds.add(new Kind(name, until, Key.TASK, present, giveBack));
    return this;
  }

  /** One more kind, known by the ids of containers. */
  Holdings ofContainer(String name, Until until, Present present, Return giveBack) {
    kinds.add(new Kind(name, until, Key.CONTAINER, present, giveBack));
    return this;
  }

  /**
   * Gives back what a task holds so long. What follows a kind that cannot be given back stays too,
   * until this is called again: a volume is not deleted under a container that still runs.
   */
  void giveBack(Until until, String taskId) throws IOException, InterruptedException {
    for (Kind kind : kinds) {
      if (kind.until == until) {
        kind.giveBack.of(
            switch (kind.key) {
              case TASK -> taskId;
              case CONTAINER -> TaskContainer.id(taskId);
            });
      }
    }
  }

  /**
   * Gives back what belongs to no task.
   *
   * @param tasks the ids of those there are; asked after looking, so that what a new task takes
   *     meanwhile is never taken for a leftover
   * @return how many things were found; what could not be given back is found again
   */
  int giveBackLeftovers(Supplier<Set<String>> tasks) throws InterruptedException {
    int found = 0;
    for (Kind kind : kinds) {
      try {
        found += giveBackLeftovers(kind, tasks);
      } catch (IOException | RuntimeException fault) {
        LOG.warn("could not look for leftovers ({}): {}", kind.name, fault.toString());
      }
    }
    return found;
  }

  private static int giveBackLeftovers(Kind kind, Supplier<Set<String>> tasks)
      throws IOException, InterruptedException {
    Collection<String> present = kind.present.ids();
    Set<String> known =
        switch (kind.key) {
          case TASK -> tasks.get();
          case CONTAINER -> tasks.get().stream().map(TaskContainer::id).collect(Collectors.toSet());
        };
    int found = 0;
    for (String id : present) {
      // Other names there are none of ours.
      boolean ours = kind.key == Key.TASK || Digits.areHex(id, CONTAINER_ID_DIGITS);
      if (ours && !known.contains(id)) {
        found++;
        LOG.info(
            "removing a leftover ({}) of {}, which belongs to no task on this node", kind.name, id);
        try {
          kind.giveBack.of(id);
        } catch (IOException | RuntimeException fault) {
          LOG.warn("could not remove a leftover ({}) of {}: {}", kind.name, id, fault.toString());
        }
      }
    }
    return found;
  }
}
