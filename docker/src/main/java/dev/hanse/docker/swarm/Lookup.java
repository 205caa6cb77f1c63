package dev.hanse.docker.swarm;

import com.google.protobuf.Message;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.Annotations;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.HttpFailure;
import java.util.List;
import java.util.Optional;

/** Finds objects as Docker does: by full id, else by full name, else by prefix of the id. */
public final class Lookup {
  private Lookup() {}

  /**
   * The one object that the text means.
   *
   * @throws HttpFailure 404 if there is none, 400 if there are several
   */
  public static <T extends Message> T find(Snapshot snapshot, Kind<T> kind, String input) {
    Optional<T> byId = snapshot.find(kind, input);
    if (byId.isPresent()) {
      return byId.get();
    }
    List<T> found = snapshot.findAllByName(kind, input);
    if (found.isEmpty()) {
      found = snapshot.findByIdPrefix(kind, input);
    }
    if (found.isEmpty()) {
      throw HttpFailure.notFound("%s %s not found".formatted(kind, input));
    }
    if (found.size() > 1) {
      throw HttpFailure.invalid(
          "%s %s is ambiguous (%d matches found)".formatted(kind, input, found.size()));
    }
    return found.getFirst();
  }

  /** The filters that all objects of a swarm have: name and id by their beginning, and label. */
  static boolean fits(Filters filters, String id, Annotations annotations) {
    return filters.any("name", annotations.getName()::startsWith)
        && filters.any("id", id::startsWith)
        && filters.labels("label", annotations.getLabelsMap());
  }
}
