package dev.hanse.docker.swarm;

import com.google.protobuf.Message;
import dev.hanse.control.query.Lookup;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.Annotations;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.HttpFailure;

/**
 * Objects of the swarm that a request names, and Docker's answer if there is no one such object.
 */
final class Named {
  private Named() {}

  /**
   * The one object that the text means.
   *
   * @throws HttpFailure 404 if there is none, 400 if there are several
   */
  static <T extends Message> T find(Snapshot snapshot, Kind<T> kind, String text) {
    return one(Lookup.of(snapshot, kind, text), kind, text);
  }

  /** The one task that the text means; throws like {@link #find}. */
  static Task task(Snapshot snapshot, String text) {
    return one(Lookup.ofTask(snapshot, text), Kind.TASK, text);
  }

  private static <T extends Message> T one(Lookup<T> lookup, Kind<T> kind, String text) {
    return switch (lookup) {
      case Lookup.Found<T> found -> found.object();
      case Lookup.Missing<T> _ ->
          throw HttpFailure.notFound("%s %s not found".formatted(kind, text));
      case Lookup.Ambiguous<T> several ->
          throw HttpFailure.invalid(
              "%s %s is ambiguous (%d matches found)".formatted(kind, text, several.matches()));
    };
  }

  /** The filters that all objects of a swarm have: name and id by their beginning, and label. */
  static boolean fits(Filters filters, String id, Annotations annotations) {
    return filters.any("name", annotations.getName()::startsWith)
        && filters.any("id", id::startsWith)
        && filters.labels("label", annotations.getLabelsMap());
  }
}
