package dev.hanse.kernel.capability;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.netlink.Rules;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Rule;
import dev.hanse.kernel.network.Vxlan;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.kernel.nftables.NftablesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What this kernel can do, tried in a network namespace that is made for it and removed.
 *
 * @param all every thing that was tried
 * @param controlGroups what is mounted of them
 */
public record KernelCapabilities(List<Capability> all, ControlGroups controlGroups) {
  private static final Set<String> CONTROLLERS = Set.of("cpu", "memory", "pids");
  private static final int VXLAN_PORT = 4789;
  private static final String NAT_RULESET =
      """
      table inet examined {
        chain prerouting {
          type nat hook prerouting priority -100
          tcp dport 80 dnat ip to numgen inc mod 2 map { 0 : 192.0.2.1, 1 : 192.0.2.2 }
        }
        chain postrouting {
          type nat hook postrouting priority 100
          ct mark 1 masquerade
        }
      }
      """;

  /**
   * Tries everything.
   *
   * @param scratch a directory, made if missing, for the name of the namespace
   */
  public static KernelCapabilities examine(Path scratch) {
    List<Capability> all = new ArrayList<>();
    Optional<NetworkNamespace> namespace = Optional.empty();
    try {
      namespace =
          Optional.of(
              NetworkNamespace.create(
                  scratch.resolve("capabilities-" + ProcessHandle.current().pid())));
      all.add(new Capability("network namespaces", Optional.empty()));
    } catch (KernelException fault) {
      all.add(new Capability("network namespaces", Optional.of(advice(fault, "CONFIG_NET_NS"))));
    }
    namespace.ifPresent(
        made -> {
          try {
            examineNetwork(made, all);
          } finally {
            made.delete();
          }
        });
    all.add(overlayFileSystem());
    ControlGroups controlGroups = ControlGroups.examine();
    all.add(controllers(controlGroups));
    return new KernelCapabilities(List.copyOf(all), controlGroups);
  }

  private static void examineNetwork(NetworkNamespace namespace, List<Capability> all) {
    try (Netlink netlink = Netlink.open(namespace)) {
      all.add(
          attempt(
              "bridge",
              "CONFIG_BRIDGE (modprobe bridge)",
              () -> netlink.apply(Links.add(NewLink.bridge("bridge")))));
      all.add(
          attempt(
              "veth",
              "CONFIG_VETH (modprobe veth)",
              () -> netlink.apply(Links.add(NewLink.veth("veth", NewLink.peer("peer"))))));
      all.add(
          attempt(
              "vxlan",
              "CONFIG_VXLAN (modprobe vxlan)",
              () ->
                  netlink.apply(
                      Links.add(
                          NewLink.vxlan(
                              "vxlan",
                              Vxlan.of(1, VXLAN_PORT)
                                  .withLocal(Prefix.parse("127.0.0.1").address()))))));
      all.add(
          attempt(
              "routing rules",
              "CONFIG_IP_MULTIPLE_TABLES",
              () -> netlink.apply(Rules.add(Rule.ofMark(100, 1, 100)))));
    }
    all.add(
        attempt(
            "nftables nat",
            "CONFIG_NF_TABLES, CONFIG_NFT_NAT, CONFIG_NFT_MASQ (modprobe nft_nat)",
            () -> new Nftables(namespace).apply(NAT_RULESET)));
  }

  private static Capability attempt(String name, String option, Runnable trial) {
    try {
      trial.run();
      return new Capability(name, Optional.empty());
    } catch (KernelException fault) {
      return new Capability(name, Optional.of(advice(fault, option)));
    } catch (NftablesException fault) {
      return new Capability(name, Optional.of(fault.getMessage() + "; the kernel needs " + option));
    } catch (IllegalStateException fault) {
      return new Capability(name, Optional.of(String.valueOf(fault.getMessage())));
    }
  }

  private static String advice(KernelException fault, String option) {
    return fault.errno().equals(Errno.EPERM)
        ? fault.getMessage() + "; run as root, with CAP_SYS_ADMIN and CAP_NET_ADMIN"
        : fault.getMessage() + "; the kernel needs " + option;
  }

  private static Capability overlayFileSystem() {
    boolean known;
    try {
      known = Files.readString(Path.of("/proc/filesystems")).contains("\toverlay\n");
    } catch (IOException _) {
      known = false;
    }
    return new Capability(
        "overlay file system",
        known
            ? Optional.empty()
            : Optional.of("not known; the kernel needs CONFIG_OVERLAY_FS (modprobe overlay)"));
  }

  private static Capability controllers(ControlGroups found) {
    List<String> absent =
        CONTROLLERS.stream().filter(name -> !found.controllers().contains(name)).sorted().toList();
    return new Capability(
        "control groups",
        absent.isEmpty()
            ? Optional.empty()
            : Optional.of("no controller " + String.join(", ", absent) + " in /sys/fs/cgroup"));
  }

  /** What is missing, a line each, to be shown to a person. */
  public List<String> missing() {
    return all.stream()
        .flatMap(
            capability ->
                capability.missing().map(reason -> capability.name() + ": " + reason).stream())
        .toList();
  }
}
