package dev.hanse.network;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.text.Letters;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Name resolution as one task sees it: the names of its own networks and of no others, the first
 * network that knows a name wins. The routing mesh's network names nobody. Immutable.
 */
public final class TaskNames {
  private static final String REVERSE_SUFFIX = ".in-addr.arpa";

  /** The types of records that we tell apart. */
  public enum RecordType {
    /** IPv4 address. */
    A,
    /** Name of an address. */
    PTR,
    /** All others, IPv6 addresses among them. */
    OTHER
  }

  private final List<NetworkTable> networks;

  private TaskNames(List<NetworkTable> networks) {
    this.networks = networks;
  }

  /** The names that a task with these attachments sees. */
  public static TaskNames of(EndpointTable table, LocalTask.Networking.Own own) {
    return new TaskNames(
        own.attachments().stream()
            .flatMap(attachment -> table.network(attachment.network().id()).stream())
            .filter(network -> !network.entry().ingress())
            .toList());
  }

  /** Answers a question; the name may end with a dot and is taken without regard to case. */
  public Answer lookup(String question, RecordType type) {
    String lower = Letters.small(question);
    String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    if (name.endsWith(REVERSE_SUFFIX)) {
      return type == RecordType.PTR ? pointer(name) : new Answer.Elsewhere();
    }
    Optional<Set<Ipv4Address>> found = find(name);
    if (found.isEmpty()) {
      return new Answer.Elsewhere();
    }
    if (found.get().isEmpty()) {
      return new Answer.NoName();
    }
    return type == RecordType.A
        ? new Answer.Addresses(List.copyOf(found.get()))
        : new Answer.NoData();
  }

  private Optional<Set<Ipv4Address>> find(String name) {
    for (NetworkTable network : networks) {
      Optional<Set<Ipv4Address>> found = network.names().find(name);
      if (found.isPresent()) {
        return found;
      }
    }
    for (NetworkTable network : networks) {
      String suffix = "." + Letters.small(network.entry().name());
      if (name.endsWith(suffix)) {
        Optional<Set<Ipv4Address>> found =
            network.names().find(name.substring(0, name.length() - suffix.length()));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private Answer pointer(String name) {
    String[] reversed = name.substring(0, name.length() - REVERSE_SUFFIX.length()).split("\\.", -1);
    if (reversed.length != 4) {
      return new Answer.Elsewhere();
    }
    String forward = "%s.%s.%s.%s".formatted(reversed[3], reversed[2], reversed[1], reversed[0]);
    return Ipv4Address.parse(forward)
        .flatMap(
            address ->
                networks.stream()
                    .flatMap(network -> network.names().pointer(address).stream())
                    .findFirst())
        .<Answer>map(Answer.Pointer::new)
        .orElseGet(Answer.Elsewhere::new);
  }
}
