package dev.hanse.control.query;

import com.google.protobuf.Message;
import dev.hanse.model.Task;
import dev.hanse.model.TaskName;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.List;
import java.util.Optional;

/**
 * What a user's text names: the object with this id, else those with this name, else those whose
 * ids begin with it, as Docker looks things up.
 *
 * @param <T> the objects
 */
public sealed interface Lookup<T extends Message> {
  /** The one object that is meant. */
  record Found<T extends Message>(T object) implements Lookup<T> {}

  /** There is no such object. */
  record Missing<T extends Message>() implements Lookup<T> {}

  /**
   * Several could be meant.
   *
   * @param matches how many; at least 2
   */
  record Ambiguous<T extends Message>(int matches) implements Lookup<T> {}

  /** Looks for an object of a kind. */
  static <T extends Message> Lookup<T> of(Snapshot snapshot, Kind<T> kind, String text) {
    Optional<T> byId = snapshot.find(kind, text);
    if (byId.isPresent()) {
      return new Found<>(byId.get());
    }
    List<T> named = snapshot.findAllByName(kind, text);
    return among(named.isEmpty() ? snapshot.findByIdPrefix(kind, text) : named);
  }

  /**
   * Looks for a task, which has a name for users even if it was given none ({@link TaskName}). Such
   * a name ends with the task's id, so no other tasks are looked at.
   */
  static Lookup<Task> ofTask(Snapshot snapshot, String text) {
    return snapshot
        .find(Kind.TASK, text.substring(text.lastIndexOf('.') + 1))
        .filter(task -> TaskName.of(task).equals(text))
        .<Lookup<Task>>map(Found::new)
        .orElseGet(() -> of(snapshot, Kind.TASK, text));
  }

  private static <T extends Message> Lookup<T> among(List<T> candidates) {
    return switch (candidates.size()) {
      case 0 -> new Missing<>();
      case 1 -> new Found<>(candidates.getFirst());
      default -> new Ambiguous<>(candidates.size());
    };
  }
}
