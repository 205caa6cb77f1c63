package dev.hanse.control.decision;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.hanse.control.Rejection;
import dev.hanse.model.Resource;
import dev.hanse.store.Snapshot;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What the resources of one kind have to be.
 *
 * @param <P> what they hold
 * @param name of the kind, as resources carry it
 * @param payload the type of what they hold
 * @param rules why a resource may not be written with this payload, on a state that does not have
 *     it yet; empty if it may
 * @param removal why a resource may not be removed; empty if it may
 */
public record ResourceKind<P extends Message>(
    String name,
    Class<P> payload,
    Rules<P> rules,
    BiFunction<Snapshot, Resource, Optional<Rejection>> removal) {

  /** Says why a resource may not be written. */
  @FunctionalInterface
  public interface Rules<P> {
    /** Empty if it may. */
    Optional<Rejection> check(Snapshot snapshot, Resource resource, P payload);
  }

  /** Why the resource may not be written; a payload of another type never may. */
  Optional<Rejection> check(Snapshot snapshot, Resource resource) {
    Any held = resource.getPayload();
    if (!held.is(payload)) {
      return Outcome.invalid(
          "a resource of kind %s holds %s, not '%s'"
              .formatted(name, payload.getSimpleName(), held.getTypeUrl()));
    }
    try {
      return rules.check(snapshot, resource, held.unpack(payload));
    } catch (InvalidProtocolBufferException malformed) {
      return Outcome.invalid("the payload of " + name + " is malformed");
    }
  }
}
