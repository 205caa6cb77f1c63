package dev.hanse.docker.events;

import dev.hanse.docker.protocol.Filters;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether an event is one that the client asked for (Docker's daemon/events/filter.go). */
final class EventFilter {
  /** Actions that carry more behind a colon. */
  private static final Set<String> OPEN_ENDED =
      Set.of("health_status", "exec_create", "exec_start");

  private static final List<String> NAMED_TYPES =
      List.of(
          "daemon",
          "container",
          "plugin",
          "volume",
          "network",
          "service",
          "node",
          "secret",
          "config");

  private EventFilter() {}

  static boolean fits(Event event, Filters filters) {
    return filters.any("event", wanted -> actionFits(event, wanted))
        && filters.any("type", event.type()::equals)
        && filters.any("scope", event.scope().name().toLowerCase(Locale.ROOT)::equals)
        && filters.labels("label", event.attributes())
        && NAMED_TYPES.stream().allMatch(type -> objectFits(event, type, filters))
        && filters.any("image", wanted -> imageFits(event, wanted));
  }

  private static boolean actionFits(Event event, String wanted) {
    return event.action().equals(wanted)
        || (OPEN_ENDED.contains(wanted) && event.action().startsWith(wanted));
  }

  private static boolean objectFits(Event event, String type, Filters filters) {
    String name = event.attributes().getOrDefault("name", "");
    return filters.any(
        type,
        wanted ->
            event.actorId().startsWith(wanted) || name.equals(wanted) || name.startsWith(wanted));
  }

  private static boolean imageFits(Event event, String wanted) {
    String attribute = event.type().equals("image") ? "name" : "image";
    String name = event.attributes().getOrDefault(attribute, "");
    return event.actorId().equals(wanted)
        || name.equals(wanted)
        || withoutTag(name).equals(wanted)
        || withoutTag(event.actorId()).equals(wanted);
  }

  private static String withoutTag(String image) {
    int at = image.indexOf('@');
    String name = at < 0 ? image : image.substring(0, at);
    int colon = name.lastIndexOf(':');
    return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
  }
}
