package dev.hanse.docker.events;

import dev.hanse.bounds.ForeignMap;
import java.time.Instant;
import java.util.Map;

/**
 * Something that happened (Docker's {@code events.Message}).
 *
 * @param type {@code container}, {@code image}, {@code volume}, {@code network}, {@code node},
 *     {@code service}, {@code secret}, {@code config} or {@code daemon}
 * @param action {@code create}, {@code update}, {@code remove}, {@code start}, {@code die}, …
 * @param actorId id of the object
 * @param attributes its name, labels and what else is worth telling
 * @param scope {@code local} or {@code swarm}
 */
public record Event(
    String type,
    String action,
    String actorId,
    Map<String, String> attributes,
    Scope scope,
    Instant time) {
  /** Two texts and what holds them in the map. */
  private static final int BYTES_PER_ATTRIBUTE = 144;

  /** Where it happened. */
  public enum Scope {
    LOCAL,
    SWARM
  }

  /** Copies the map. */
  public Event {
    attributes = ForeignMap.copyOf(attributes);
  }

  /** What its texts take of the heap, bytes: an action can be a whole command. */
  long heapBytes() {
    long characters = (long) action.length() + actorId.length();
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      characters += attribute.getKey().length();
      characters += attribute.getValue().length();
    }
    return 2 * characters + BYTES_PER_ATTRIBUTE * (1L + attributes.size());
  }

  /** An event of this node, now. */
  public static Event local(
      String type, String action, String actorId, Map<String, String> attributes) {
    return new Event(type, action, actorId, attributes, Scope.LOCAL, Instant.now());
  }
}
