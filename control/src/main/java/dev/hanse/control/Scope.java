package dev.hanse.control;

import dev.hanse.store.Kind;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a pass has to look at: what changed since the last run, in terms of whom it may help. Passes
 * may add services that have to be looked at by those behind them.
 *
 * @param everything whether this is a full run: all that exists is in the scope
 * @param services services that changed, or one of whose tasks did; with an empty id the
 *     attachments that belong to no service
 * @param networks whether a network was made, changed or removed
 * @param nodes whether a node came, changed or went
 * @param addresses whether an address or a port was given back
 * @param room whether a node may have room for a task that it had not room for before
 * @param objects ids of objects of the other kinds (resources, secrets, …) that changed or went
 */
public record Scope(
    boolean everything,
    Set<String> services,
    boolean networks,
    boolean nodes,
    boolean addresses,
    boolean room,
    Map<Kind<?>, Set<String>> objects) {

  /** The services among them. */
  public Set<String> servicesWithId() {
    Set<String> ids = new TreeSet<>(services);
    ids.remove("");
    return ids;
  }

  /** The ids of the objects of one of the kinds that have no part of their own here. */
  public Set<String> changed(Kind<?> kind) {
    return Collections.unmodifiableSet(objects.getOrDefault(kind, Set.of()));
  }

  /** Both together; this one's sets are taken over and grow. */
  Scope plus(Scope other) {
    services.addAll(other.services);
    other.objects.forEach(
        (kind, ids) -> objects.computeIfAbsent(kind, key -> new TreeSet<>()).addAll(ids));
    return new Scope(
        everything || other.everything,
        services,
        networks || other.networks,
        nodes || other.nodes,
        addresses || other.addresses,
        room || other.room,
        objects);
  }
}
