package dev.hanse.endpoints;

import dev.hanse.model.PortConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/** Makes tables, and tables from them, in all their forms. */
final class RandomTables {
  private static final int IDS = 12;

  private final RandomGenerator random;

  RandomTables(RandomGenerator random) {
    this.random = random;
  }

  /** Some networks, unlike each other. */
  EndpointTable table() {
    List<NetworkTable> networks = new ArrayList<>();
    for (int id = 0; id < 5; id++) {
      if (random.nextBoolean()) {
        networks.add(network("network" + id));
      }
    }
    return EndpointTable.of(networks);
  }

  /** A table made from another: networks come and go, and some entries of others. */
  EndpointTable changed(EndpointTable table) {
    List<NetworkTable> networks = new ArrayList<>();
    for (NetworkTable network : table.networks()) {
      if (random.nextInt(8) != 0) {
        networks.add(changed(network));
      }
    }
    if (random.nextInt(4) == 0) {
      networks.add(network("network" + (5 + random.nextInt(5))));
    }
    return EndpointTable.of(networks);
  }

  /** Each change is a step of its own, or all of them are one. */
  private NetworkTable changed(NetworkTable network) {
    boolean atOnce = random.nextBoolean();
    TableEdit edit = new TableEdit(network);
    for (int i = random.nextInt(4); i > 0; i--) {
      if (random.nextInt(3) == 0) {
        edit.remove(key());
      } else {
        edit.put(entry(network.entry().id()));
      }
      edit = atOnce ? edit : new TableEdit(edit.table());
    }
    return edit.table();
  }

  private NetworkTable network(String id) {
    TableEdit edit = new TableEdit(NetworkTable.of(networkEntry(id)));
    for (int i = random.nextInt(20); i > 0; i--) {
      edit.put(entry(id));
    }
    return edit.table();
  }

  private Entry.Key key() {
    return switch (random.nextInt(3)) {
      case 0 -> new Entry.Key(Entry.Kind.PEER, "node" + random.nextInt(IDS));
      case 1 -> new Entry.Key(Entry.Kind.SERVICE, "service" + random.nextInt(IDS));
      default -> new Entry.Key(Entry.Kind.ENDPOINT, "task" + random.nextInt(IDS));
    };
  }

  private Entry entry(String networkId) {
    return switch (random.nextInt(8)) {
      case 0 -> networkEntry(networkId);
      case 1 -> peer();
      case 2, 3 -> service();
      default -> endpoint();
    };
  }

  private NetworkEntry networkEntry(String id) {
    return new NetworkEntry(
        id,
        id + "-name",
        1 + random.nextInt((1 << 24) - 1),
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextBoolean() ? OptionalInt.of(576 + random.nextInt(9000)) : OptionalInt.empty(),
        random.nextBoolean(),
        random.nextBoolean());
  }

  private PeerEntry peer() {
    Optional<PeerEntry.Own> own =
        random.nextBoolean()
            ? Optional.of(new PeerEntry.Own(subnet(), mac(), 1 + random.nextInt(65_535)))
            : Optional.empty();
    return new PeerEntry("node" + random.nextInt(IDS), address(), own);
  }

  private ServiceEntry service() {
    String id = "service" + random.nextInt(IDS);
    return new ServiceEntry(
        id,
        id + "-name",
        random.nextBoolean() ? Optional.of(address()) : Optional.empty(),
        names(),
        ports());
  }

  private List<PortConfig> ports() {
    List<PortConfig> ports = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      ports.add(
          PortConfig.newBuilder()
              .setName("p" + i)
              .setProtocol(PortConfig.Protocol.forNumber(random.nextInt(3)))
              .setPublishedPort(1 + random.nextInt(65_535))
              .setTargetPort(1 + random.nextInt(65_535))
              .build());
    }
    return ports;
  }

  private EndpointEntry endpoint() {
    String task = "task" + random.nextInt(IDS);
    return new EndpointEntry(
        task,
        random.nextInt(5) == 0 ? "" : "service" + random.nextInt(IDS),
        "node" + random.nextInt(IDS),
        "web.1." + task,
        subnet(),
        mac(),
        names(),
        random.nextBoolean());
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      names.add("name" + random.nextInt(100));
    }
    return names;
  }

  private Ipv4Address address() {
    return new Ipv4Address(random.nextInt());
  }

  private Ipv4Subnet subnet() {
    return new Ipv4Subnet(address(), random.nextInt(33));
  }

  /** Without the bit of group addresses. */
  private MacAddress mac() {
    return new MacAddress(random.nextLong() & 0xfeff_ffff_ffffL);
  }
}
