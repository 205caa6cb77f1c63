package dev.hanse.network;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.endpoints.ServiceEntry;
import dev.hanse.network.LocalTask.Attachment;
import dev.hanse.network.LocalTask.Networking;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The nft table in a task's namespace: virtual addresses of services, the way back of the routing
 * mesh, and the name server's port.
 */
final class TaskRuleset {
  private TaskRuleset() {}

  static String text(EndpointTable table, String taskId, Networking.Own own, String egressName) {
    List<String> vips = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    List<String> output = new ArrayList<>();
    RulesetText text = new RulesetText();
    output.add("ip daddr %s goto names".formatted(NameServer.ADDRESS));
    for (Attachment attachment : own.attachments()) {
      if (!attachment.network().ingress()) {
        table
            .network(attachment.network().id())
            .ifPresent(entries -> virtualAddresses(entries, taskId, text, vips, refused));
      }
    }
    text.chain("names", names());
    if (!vips.isEmpty()) {
      output.add("ip daddr vmap { %s }".formatted(String.join(", ", vips)));
    }
    text.chain("leaving", "nat hook output priority -105", output);
    text.chain("refused", "filter hook output priority filter - 5", refusals(refused));
    mesh(table, own, text);
    own.egress()
        .filter(address -> own.ingress().isPresent())
        .ifPresent(
            address ->
                text.chain(
                    "sources",
                    "nat hook postrouting priority srcnat - 5",
                    List.of(
                        "oifname \"%s\" ip saddr != %s masquerade"
                            .formatted(egressName, address))));
    return text.toString();
  }

  /** The container may use port 53 itself, even on all addresses. */
  private static List<String> names() {
    return List.of(
        "udp dport 53 dnat to %s:%d".formatted(NameServer.ADDRESS, NameServer.PORT),
        "tcp dport 53 dnat to %s:%d".formatted(NameServer.ADDRESS, NameServer.PORT));
  }

  private static void virtualAddresses(
      NetworkTable entries,
      String taskId,
      RulesetText text,
      List<String> vips,
      List<String> refused) {
    for (ServiceEntry service : entries.services().values()) {
      if (service.virtualIp().isEmpty()) {
        continue;
      }
      Ipv4Address vip = service.virtualIp().get();
      List<Ipv4Address> ready = entries.readyAddresses(service.serviceId());
      if (!ready.isEmpty()) {
        String chain = "vip_" + vip.toString().replace('.', '_');
        text.chain(chain, List.of(EvenSpread.statement(ready, taskId, OptionalInt.empty())));
        vips.add("%s : goto %s".formatted(vip, chain));
      } else {
        refused.add(vip.toString());
      }
    }
  }

  private static List<String> refusals(List<String> vips) {
    if (vips.isEmpty()) {
      return List.of();
    }
    String set = String.join(", ", vips);
    return List.of(
        "ip daddr { %s } meta l4proto tcp reject with tcp reset".formatted(set),
        "ip daddr { %s } reject with icmp port-unreachable".formatted(set));
  }

  /** See {@link NetworkPlanner}: which entry node a connection came through, and back to it. */
  private static void mesh(EndpointTable table, Networking.Own own, RulesetText text) {
    Optional<Attachment> ingress = own.ingress();
    if (ingress.isEmpty()) {
      return;
    }
    String marks =
        table.network(ingress.get().network().id()).stream()
            .flatMap(entries -> entries.peers().values().stream())
            .flatMap(peer -> peer.own().stream())
            .map(entry -> entry.mac() + " : " + entry.ordinal())
            .collect(Collectors.joining(", "));
    if (marks.isEmpty()) {
      return;
    }
    text.chain(
        "entries",
        "filter hook prerouting priority mangle",
        List.of(
            "iifname \"%s\" ct state new ct mark set ether saddr map { %s }"
                .formatted(ingress.get().linkName(), marks)));
    text.chain(
        "replies",
        "route hook output priority mangle",
        List.of("ct direction reply ct mark != 0 meta mark set ct mark"));
  }
}
