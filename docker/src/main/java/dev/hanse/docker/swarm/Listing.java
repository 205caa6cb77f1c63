package dev.hanse.docker.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Message;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Exchange;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A list of objects of the swarm, made while it is sent. It is of one moment, like Docker's; but a
 * client that does not read must not keep a whole former state of the cluster in memory. So between
 * two elements only the place in the list is held, and the state softly: when memory is short, the
 * rest is of the present state.
 *
 * @param <T> the objects
 */
public final class Listing<T extends Message> {
  /** What an id takes that is held for a list, bytes. */
  private static final int ID_BYTES = 80;

  private final Kind<T> kind;
  private final Supplier<Snapshot> present;
  private final BiPredicate<Snapshot, T> fits;
  private final BiFunction<Snapshot, T, ? extends JsonNode> json;
  private SoftReference<Snapshot> moment;

  /**
   * Of those objects of a kind that fit.
   *
   * @param present the cluster's state now
   * @param fits whether an object belongs to the list
   * @param json the form of an object
   */
  public Listing(
      Kind<T> kind,
      Supplier<Snapshot> present,
      BiPredicate<Snapshot, T> fits,
      BiFunction<Snapshot, T, ? extends JsonNode> json) {
    this.kind = kind;
    this.present = present;
    this.fits = fits;
    this.json = json;
    this.moment = new SoftReference<>(present.get());
  }

  /** Sends all that fit, by id, so that lists are stable. */
  public void send(Exchange exchange) throws IOException {
    exchange.jsonArray(200, all(), 0);
  }

  /** Sends those of the ids that fit. */
  public void send(Exchange exchange, Collection<String> ids) throws IOException {
    List<String> sorted = ids.stream().distinct().sorted().toList();
    Iterator<? extends JsonNode> elements =
        sorted.stream().flatMap(id -> element(id).stream()).iterator();
    exchange.jsonArray(200, elements, (long) sorted.size() * ID_BYTES);
  }

  /** All that fit, by id. */
  public Stream<JsonNode> elements() {
    Iterable<JsonNode> all = this::all;
    return StreamSupport.stream(all.spliterator(), false);
  }

  private Optional<JsonNode> element(String id) {
    Snapshot snapshot = snapshot();
    return snapshot
        .find(kind, id)
        .filter(object -> fits.test(snapshot, object))
        .map(object -> json.apply(snapshot, object));
  }

  private Snapshot snapshot() {
    Snapshot held = moment.get();
    if (held == null) {
      held = present.get();
      moment = new SoftReference<>(held);
    }
    return held;
  }

  private Iterator<JsonNode> all() {
    return new Iterator<>() {
      private String last = "";
      private @Nullable JsonNode next;

      @Override
      public boolean hasNext() {
        if (next == null) {
          next = advance();
        }
        return next != null;
      }

      @Override
      public JsonNode next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        JsonNode found = Objects.requireNonNull(next);
        next = null;
        return found;
      }

      private @Nullable JsonNode advance() {
        Snapshot snapshot = snapshot();
        for (T object : snapshot.after(kind, last)) {
          last = kind.id(object);
          if (fits.test(snapshot, object)) {
            return json.apply(snapshot, object);
          }
        }
        return null;
      }
    };
  }
}
