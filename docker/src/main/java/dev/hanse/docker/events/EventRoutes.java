package dev.hanse.docker.events;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Timestamp;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.docker.protocol.UnixTime;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/** {@code GET /events}: past events if asked for, then new ones until the client goes. */
public final class EventRoutes {
  /** A reader looks up at least this often. */
  private static final long WAIT_MS = 60_000;

  private final EventHub hub;

  public EventRoutes(EventHub hub) {
    this.hub = hub;
  }

  /** Adds the route. */
  public void addTo(Router router) {
    router.get("/events", this::events);
  }

  private void events(Exchange exchange) throws IOException, InterruptedException {
    Optional<Instant> since = time(exchange, "since");
    Optional<Instant> until = time(exchange, "until");
    if (since.isPresent() && until.isPresent() && until.get().isBefore(since.get())) {
      throw HttpFailure.invalid(
          "`since` time (%s) cannot be after `until` time (%s)"
              .formatted(exchange.query().text("since"), exchange.query().text("until")));
    }
    Filters filters = Filters.of(exchange);
    long position = since.isPresent() || until.isPresent() ? hub.oldest() : hub.position();
    try (OutputStream out = exchange.stream(200, "application/json")) {
      out.flush();
      exchange.onClientGone(hub::wake);
      while (!exchange.isClientGone()) {
        long waitMs = until.map(EventRoutes::millisecondsTo).orElse(WAIT_MS);
        EventHub.Batch batch = hub.read(position, waitMs);
        position = batch.position();
        for (Event event : batch.events()) {
          if (isBetween(event, since, until) && EventFilter.fits(event, filters)) {
            out.write(Json.bytes(json(event)));
          }
        }
        out.flush();
        if (waitMs == 0) {
          return;
        }
      }
    }
  }

  private static Optional<Instant> time(Exchange exchange, String name) {
    return UnixTime.parse(name, exchange.query().text(name)).map(EventRoutes::instant);
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  private static long millisecondsTo(Instant until) {
    return Math.clamp(until.toEpochMilli() - System.currentTimeMillis(), 0, WAIT_MS);
  }

  private static boolean isBetween(Event event, Optional<Instant> since, Optional<Instant> until) {
    return since.map(limit -> !event.time().isBefore(limit)).orElse(true)
        && until.map(limit -> !event.time().isAfter(limit)).orElse(true);
  }

  /** With the fields of old ({@code status}, {@code id}, {@code from}), as until API 1.51. */
  static ObjectNode json(Event event) {
    ObjectNode object = Json.object();
    boolean container = event.type().equals("container");
    if (container || event.type().equals("image")) {
      object.put("status", event.action());
      object.put("id", event.actorId());
    }
    if (container && event.attributes().containsKey("image")) {
      object.put("from", event.attributes().get("image"));
    }
    object.put("Type", event.type());
    object.put("Action", event.action());
    ObjectNode actor = object.putObject("Actor");
    actor.put("ID", event.actorId());
    ObjectNode attributes = actor.putObject("Attributes");
    new TreeMap<>(event.attributes()).forEach(attributes::put);
    object.put("scope", event.scope().name().toLowerCase(Locale.ROOT));
    object.put("time", event.time().getEpochSecond());
    object.put("timeNano", nanoseconds(event.time()));
    return object;
  }

  private static long nanoseconds(Instant time) {
    return ChronoUnit.NANOS.between(Instant.EPOCH, time);
  }
}
