package dev.hanse.endpoints;

import dev.hanse.text.Letters;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The names of one network and what they stand for. Immutable. */
public final class NetworkNames {
  private final Map<String, Set<Ipv4Address>> addresses = new HashMap<>();
  private final Map<Ipv4Address, String> pointers = new HashMap<>();

  NetworkNames(NetworkTable table) {
    String suffix = "." + table.entry().name();
    for (ServiceEntry service : table.services().values()) {
      List<Ipv4Address> tasks = table.readyAddresses(service.serviceId());
      List<Ipv4Address> behind = service.virtualIp().map(List::of).orElse(tasks);
      Set<String> names = new HashSet<>(service.aliases());
      names.add(service.name());
      names.remove("");
      for (String name : names) {
        add(name, behind);
        add("tasks." + name, tasks);
      }
      service.virtualIp().ifPresent(vip -> pointers.put(vip, service.name() + suffix));
    }
    for (EndpointEntry endpoint : table.endpoints().values()) {
      addEndpoint(table, endpoint, suffix);
    }
  }

  private void addEndpoint(NetworkTable table, EndpointEntry endpoint, String suffix) {
    Ipv4Address address = endpoint.address().address();
    if (!endpoint.taskName().isEmpty()) {
      add(endpoint.taskName(), List.of(address));
      pointers.put(address, endpoint.taskName() + suffix);
    }
    ServiceEntry service = table.services().get(endpoint.serviceId());
    for (String alias : endpoint.aliases()) {
      // A service's alias means the service: its virtual address where it has one.
      if (endpoint.ready() && (service == null || !service.aliases().contains(alias))) {
        add(alias, List.of(address));
      }
    }
  }

  private void add(String name, List<Ipv4Address> more) {
    addresses.computeIfAbsent(Letters.small(name), key -> new TreeSet<>()).addAll(more);
  }

  /** What a name in lower case stands for: possibly nothing at the moment; empty when unknown. */
  public Optional<Set<Ipv4Address>> find(String name) {
    return Optional.ofNullable(addresses.get(name)).map(Collections::unmodifiableSet);
  }

  /** The name of an address. */
  public Optional<String> pointer(Ipv4Address address) {
    return Optional.ofNullable(pointers.get(address));
  }
}
