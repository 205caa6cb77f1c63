package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.endpoints.ServiceEntry;
import dev.hanse.model.PublishedPort;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where the rules of one namespace send first packets on to. The kernel remembers the answer as
 * long as packets follow; when it changes, what is remembered of it must be forgotten, or a client
 * that keeps sending from one port, or repeats the SYN that a dead host did not answer, never
 * reaches a living task.
 *
 * @param ports published port to the tasks that get what is sent to it
 * @param addresses virtual address to the tasks that get what is sent to it
 */
public record Translations(
    SortedMap<PublishedPort, Set<Ipv4Address>> ports,
    SortedMap<Ipv4Address, Set<Ipv4Address>> addresses) {

  /** Copies the maps. */
  public Translations {
    ports = Collections.unmodifiableSortedMap(new TreeMap<>(ports));
    addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
  }

  static Translations ofPorts(List<Published> published) {
    SortedMap<PublishedPort, Set<Ipv4Address>> ports = new TreeMap<>();
    for (Published port : published) {
      ports.put(port.key(), new TreeSet<>(port.addresses()));
    }
    return new Translations(ports, new TreeMap<>());
  }

  static Translations ofAddresses(List<NetworkTable> networks) {
    SortedMap<Ipv4Address, Set<Ipv4Address>> addresses = new TreeMap<>();
    for (NetworkTable network : networks) {
      for (ServiceEntry service : network.services().values()) {
        service
            .virtualIp()
            .ifPresent(
                virtual ->
                    addresses.put(
                        virtual, new TreeSet<>(network.readyAddresses(service.serviceId()))));
      }
    }
    return new Translations(new TreeMap<>(), addresses);
  }

  /** May there be flows that were right before and are not now? */
  public boolean outdates(Translations before) {
    return outdates(before.ports, ports) || outdates(before.addresses, addresses);
  }

  private static <K> boolean outdates(
      Map<K, Set<Ipv4Address>> before, Map<K, Set<Ipv4Address>> now) {
    return !before.keySet().containsAll(now.keySet())
        || before.entrySet().stream()
            .anyMatch(
                entry -> !now.getOrDefault(entry.getKey(), Set.of()).containsAll(entry.getValue()));
  }

  /**
   * Is a remembered flow wrong now: translated to a task that is not among the targets any more, or
   * not translated although its destination has become one of ours?
   *
   * @param destination to whom the first packet was sent
   * @param port to which port
   * @param target who got it
   * @param translated whether a rule chose the target
   */
  public boolean isOutdated(
      Translations before,
      Ipv4Address destination,
      PublishedPort port,
      Ipv4Address target,
      boolean translated) {
    return isOutdated(before.ports.get(port), ports.get(port), target, translated)
        || isOutdated(
            before.addresses.get(destination), addresses.get(destination), target, translated);
  }

  private static boolean isOutdated(
      @Nullable Set<Ipv4Address> before,
      @Nullable Set<Ipv4Address> now,
      Ipv4Address target,
      boolean translated) {
    return translated
        ? before != null
            && before.contains(target)
            && !Objects.requireNonNullElse(now, Set.of()).contains(target)
        : before == null && now != null;
  }
}
