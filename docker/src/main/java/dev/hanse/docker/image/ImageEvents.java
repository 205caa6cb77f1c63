package dev.hanse.docker.image;

import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import java.util.Map;

/** Tells what happens to images. */
public record ImageEvents(EventHub events) {
  /**
   * Something happened to an image.
   *
   * @param id id, or the name where Docker tells the name
   */
  void publish(String action, String id, String name) {
    events.publish(Event.local("image", action, id, Map.of("name", name)));
  }

  void pruned(long reclaimedBytes) {
    events.publish(
        Event.local("image", "prune", "", Map.of("reclaimed", Long.toString(reclaimedBytes))));
  }
}
