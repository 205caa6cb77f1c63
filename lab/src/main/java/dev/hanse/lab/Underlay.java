package dev.hanse.lab;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.namespace.Sysctl;
import dev.hanse.kernel.netlink.Addresses;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.netlink.Routes;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.kernel.network.Scope;
import java.io.IOException;
import java.net.InetAddress;

/**
 * The wires of a lab. The switch is a bridge in a namespace of its own, so that no firewall rule of
 * the machine sees what passes between the hosts; each host is a namespace with an eth0 on the
 * switch. One more cable leads from the switch to the machine itself, which so is a client outside
 * the cluster. The hosts' default gateway, on the switch, answers that there is nothing beyond: who
 * looks for a name server or a registry there is told at once.
 */
final class Underlay {
  private static final String SWITCH = "switch";
  private static final String BRIDGE = "br0";
  static final String HOST_LINK = "eth0";

  private final Directories directories;
  private final String lab;

  Underlay(Directories directories, String lab) {
    this.directories = directories;
    this.lab = lab;
  }

  /** Makes namespaces, switch and cables. */
  void make(LabState state) {
    NetworkNamespace switchNamespace = NetworkNamespace.create(directories.namespace(lab, SWITCH));
    try (Netlink atSwitch = Netlink.open(switchNamespace)) {
      atSwitch.apply(Links.add(NewLink.bridge(BRIDGE).withUp()));
      int bridge = atSwitch.index(BRIDGE);
      InetAddress gateway = InetAddress.ofLiteral(state.gateway());
      makeGateway(switchNamespace, atSwitch, bridge, gateway);
      connectMachine(atSwitch, bridge, state);
      for (HostState host : state.hosts()) {
        connectHost(host, atSwitch, bridge, gateway);
      }
    }
  }

  /** Plugs the host's cable in or pulls it, at the switch. */
  void setCable(HostState host, boolean connected) {
    try (Netlink atSwitch = openSwitch()) {
      int port = atSwitch.index(host.name());
      atSwitch.apply(connected ? Links.up(port) : Links.down(port));
    }
  }

  /** Whether the host's cable is plugged in. */
  boolean cable(HostState host) {
    try (Netlink atSwitch = openSwitch()) {
      return atSwitch.link(host.name()).filter(Link::up).isPresent();
    }
  }

  private Netlink openSwitch() {
    return Netlink.open(NetworkNamespace.at(directories.namespace(lab, SWITCH)));
  }

  private static void makeGateway(
      NetworkNamespace namespace, Netlink atSwitch, int bridge, InetAddress gateway) {
    Sysctl sysctl = new Sysctl(namespace);
    try {
      sysctl.write("net.ipv4.ip_forward", "1");
      sysctl.write("net.ipv4.icmp_ratelimit", "0");
    } catch (IOException failure) {
      throw new LabException("cannot make a gateway of the switch", failure);
    }
    atSwitch.apply(
        Addresses.add(Address.of(bridge, new Prefix(gateway, 24))),
        Routes.add(
            Route.to(Prefix.everyIpv4()).withKind(Route.Kind.UNREACHABLE).withScope(Scope.GLOBAL)));
  }

  private static void connectMachine(Netlink atSwitch, int bridge, LabState state) {
    // The interface of the machine; its name tells the lab's block, which is unique.
    String name = "hanse-lab" + state.block();
    NetworkNamespace machine = NetworkNamespace.current();
    NewLink peer = NewLink.peer(name).in(machine);
    atSwitch.apply(Links.add(NewLink.veth("machine", peer).withMaster(bridge).withUp()));
    try (Netlink atMachine = Netlink.open(machine)) {
      int index = atMachine.index(name);
      Prefix address = new Prefix(InetAddress.ofLiteral(state.machine()), 24);
      atMachine.apply(Addresses.add(Address.of(index, address)), Links.up(index));
    }
  }

  private static void connectHost(
      HostState host, Netlink atSwitch, int bridge, InetAddress gateway) {
    NetworkNamespace namespace = NetworkNamespace.create(host.namespace());
    NewLink peer = NewLink.peer(HOST_LINK).in(namespace);
    atSwitch.apply(Links.add(NewLink.veth(host.name(), peer).withMaster(bridge).withUp()));
    try (Netlink atHost = Netlink.open(namespace)) {
      int index = atHost.index(HOST_LINK);
      InetAddress address = InetAddress.ofLiteral(host.address());
      atHost.apply(
          Addresses.add(Address.of(index, new Prefix(address, 24))),
          Links.up(index),
          Routes.add(Route.to(Prefix.everyIpv4()).via(gateway).by(index)));
    }
  }
}
