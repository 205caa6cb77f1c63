package dev.hanse.bounds;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A bounded number of places for connections that compete with each other. A new connection always
 * gets one; when there is none left somebody has to go: of the source with the most the oldest, of
 * those that have said something or of those that have not, whichever are more. So one source
 * cannot take the places of others, and being silent or slow keeps no place. May be used by several
 * threads.
 *
 * @param <C> a connection, told apart by identity
 */
public final class Places<C> {
  private static final int IPV6_SITE_BYTES = 8;

  private static final class Seats<C> {
    final Set<C> silent = new LinkedHashSet<>();
    final Set<C> spoken = new LinkedHashSet<>();

    int count() {
      return silent.size() + spoken.size();
    }

    /** Who goes first: whoever has just come is neither the oldest nor, usually, of the many. */
    C first() {
      return (silent.size() < spoken.size() ? spoken : silent).iterator().next();
    }
  }

  private final int max;
  private final int perSourceMax;
  private final Map<Object, Seats<C>> bySource = new LinkedHashMap<>();
  private final IdentityHashMap<C, Object> sources = new IdentityHashMap<>();

  /** Empty places. */
  public Places(int max, int perSourceMax) {
    this.max = max;
    this.perSourceMax = perSourceMax;
  }

  /** What counts as one source: an IPv4 address, or what one IPv6 host may choose from (a /64). */
  public static Object source(InetAddress address) {
    return address instanceof Inet6Address
        ? ByteBuffer.wrap(address.getAddress(), 0, IPV6_SITE_BYTES)
        : address;
  }

  /**
   * Gives a place to a connection that has none.
   *
   * @return who has lost its place for it, and is to be closed
   */
  public synchronized Optional<C> take(Object source, C connection) {
    Optional<C> out = Optional.empty();
    Seats<C> own = bySource.get(source);
    if (own != null && own.count() >= perSourceMax) {
      out = Optional.of(own.first());
    } else if (sources.size() >= max) {
      out = Optional.of(largest().first());
    }
    out.ifPresent(this::free);
    bySource.computeIfAbsent(source, _ -> new Seats<>()).silent.add(connection);
    sources.put(connection, source);
    return out;
  }

  private Seats<C> largest() {
    Seats<C> largest = null;
    for (Seats<C> seats : bySource.values()) {
      if (largest == null || seats.count() > largest.count()) {
        largest = seats;
      }
    }
    if (largest == null) {
      throw new IllegalStateException("no places at all");
    }
    return largest;
  }

  /** The connection has said something. */
  public synchronized void spoke(C connection) {
    Object source = sources.get(connection);
    Seats<C> seats = source == null ? null : bySource.get(source);
    if (seats != null && seats.silent.remove(connection)) {
      seats.spoken.add(connection);
    }
  }

  /** Gives the place back; false if the connection has none. */
  public synchronized boolean free(C connection) {
    Object source = sources.remove(connection);
    Seats<C> seats = source == null ? null : bySource.get(source);
    if (source == null || seats == null) {
      return false;
    }
    seats.silent.remove(connection);
    seats.spoken.remove(connection);
    if (seats.count() == 0) {
      bySource.remove(source);
    }
    return true;
  }

  /** How many are taken. */
  public synchronized int taken() {
    return sources.size();
  }
}
