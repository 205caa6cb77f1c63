package dev.hanse.network;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.NetworkEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The nft table in the host's namespace: published ports and the way out. What may pass is in
 * {@link HostGuard}.
 */
final class HostRuleset {
  /** IPv4 and TCP headers without options. */
  private static final int HEADERS = 40;

  private HostRuleset() {}

  static String text(
      EndpointTable table,
      Collection<LocalTask> tasks,
      NodeFacts facts,
      Optional<NetworkEntry> ingress) {
    Optional<String> ingressBridge = ingress.map(network -> KernelNames.bridge(network.id()));
    List<Published> ports = Published.all(table, tasks);
    RulesetText text = new RulesetText();
    text.chain("published", published(ports, facts));
    text.chain("refused", refused(ports));
    // Ours come before those of others at the same hook.
    text.chain("guard", "filter hook prerouting priority raw", guard(ingressBridge));
    ingress.ifPresent(
        network -> segments(text, KernelNames.bridge(network.id()), facts.mtu(network)));
    text.chain(
        "arriving",
        "nat hook prerouting priority dstnat - 5",
        List.of("fib daddr type local goto published"));
    text.chain(
        "leaving", "nat hook output priority -105", List.of("fib daddr type local goto published"));
    text.chain(
        "input",
        "filter hook input priority filter - 5",
        List.of("ct state new fib daddr type local goto refused"));
    text.chain(
        "sources", "nat hook postrouting priority srcnat - 5", sources(facts, ingressBridge));
    return text.toString();
  }

  private static List<String> published(List<Published> ports, NodeFacts facts) {
    return ports.stream()
        .filter(port -> !port.addresses().isEmpty())
        .map(
            port ->
                "%s dport %d %s"
                    .formatted(
                        port.key().protocolName(),
                        port.key().number(),
                        EvenSpread.statement(
                            port.addresses(),
                            facts.nodeId(),
                            OptionalInt.of(port.port().getTargetPort()))))
        .toList();
  }

  /** Only what no rule above has sent to a task gets here: ports without a ready task. */
  private static List<String> refused(List<Published> ports) {
    List<String> rules = new ArrayList<>();
    for (String protocol : List.of("tcp", "udp", "sctp")) {
      String numbers =
          ports.stream()
              .filter(
                  port -> port.key().protocolName().equals(protocol) && port.addresses().isEmpty())
              .map(port -> Integer.toString(port.key().number()))
              .collect(Collectors.joining(", "));
      if (!numbers.isEmpty()) {
        String with = protocol.equals("tcp") ? "tcp reset" : "icmp port-unreachable";
        rules.add("%s dport { %s } reject with %s".formatted(protocol, numbers, with));
      }
    }
    return rules;
  }

  /** Only replies may reach 127.0.0.1 through our bridges, and those do not name it yet. */
  private static List<String> guard(Optional<String> ingressBridge) {
    return List.of("iifname %s ip daddr 127.0.0.0/8 drop".formatted(hostBridges(ingressBridge)));
  }

  /** Bridges on which the host itself has an address, as an nft set. */
  private static String hostBridges(Optional<String> ingressBridge) {
    return ingressBridge
        .map(bridge -> "{ \"%s\", \"%s\" }".formatted(KernelNames.EGRESS_BRIDGE, bridge))
        .orElse("\"" + KernelNames.EGRESS_BRIDGE + "\"");
  }

  /** Clients and tasks do not know that less than an Ethernet packet fits through VXLAN. */
  private static void segments(RulesetText text, String bridge, int mtu) {
    String rule = "tcp flags syn / syn,rst tcp option maxseg size set " + (mtu - HEADERS);
    text.chain(
        "segments_in",
        "filter hook prerouting priority mangle",
        List.of("iifname \"%s\" %s".formatted(bridge, rule)));
    text.chain(
        "segments_out",
        "filter hook postrouting priority mangle",
        List.of("oifname \"%s\" %s".formatted(bridge, rule)));
  }

  private static List<String> sources(NodeFacts facts, Optional<String> ingressBridge) {
    String egress = facts.egress().network().toString();
    return List.of(
        "ip saddr 127.0.0.0/8 oifname %s masquerade".formatted(hostBridges(ingressBridge)),
        "ip saddr %s oifname != \"%s\" masquerade".formatted(egress, KernelNames.EGRESS_BRIDGE),
        "ip saddr %1$s ip daddr %1$s ct status & dnat == dnat masquerade".formatted(egress));
  }
}
