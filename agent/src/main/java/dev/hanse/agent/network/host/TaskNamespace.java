package dev.hanse.agent.network.host;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Addresses;
import dev.hanse.kernel.netlink.BridgePorts;
import dev.hanse.kernel.netlink.Change;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.netlink.Routes;
import dev.hanse.kernel.netlink.Rules;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.kernel.network.Rule;
import dev.hanse.network.NetworkPlanner;
import dev.hanse.network.TaskState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * One task's network namespace: compares what is in it with what is wanted, and changes only what
 * differs. The default route is set once and then left to the container.
 */
public final class TaskNamespace implements AutoCloseable {
  private static final int RULE_PRIORITY = 1000;
  private static final Path SYSCTL_ROOT = Path.of("/proc/sys");

  private final NetworkNamespace namespace;
  private final Netlink inside;
  private final Alterations alterations;
  private final RulesetKeeper ruleset;
  private final RememberedFlows flows;
  private Optional<TaskState> applied = Optional.empty();

  private TaskNamespace(String taskId, NetworkNamespace namespace, boolean isNew) {
    this.namespace = namespace;
    this.inside = Netlink.open(namespace);
    this.alterations = new Alterations(namespace);
    this.ruleset = new RulesetKeeper(namespace, alterations, "task " + taskId, isNew);
    this.flows = new RememberedFlows(namespace);
  }

  /** Opens the task's namespace, and makes it when it is not there. */
  public static TaskNamespace open(
      String taskId, Path path, SortedMap<String, String> initialSysctls) {
    NetworkNamespace namespace = new NetworkNamespace(path);
    if (namespace.exists()) {
      return new TaskNamespace(taskId, namespace, false);
    }
    NetworkNamespace.create(path);
    try {
      writeSysctls(namespace, initialSysctls);
      return new TaskNamespace(taskId, namespace, true);
    } catch (IOException fault) {
      namespace.delete();
      throw new UncheckedIOException("settings of " + path, fault);
    } catch (RuntimeException fault) {
      namespace.delete();
      throw fault;
    }
  }

  private static void writeSysctls(NetworkNamespace namespace, SortedMap<String, String> settings)
      throws IOException {
    namespace.call(
        () -> {
          for (Map.Entry<String, String> setting : settings.entrySet()) {
            Path file = SYSCTL_ROOT.resolve(setting.getKey());
            // A kernel without IPv6 has no such settings.
            if (Files.exists(file)) {
              OwnFiles.overwrite(file, setting.getValue());
            }
          }
          return settings;
        });
  }

  /** The namespace itself. */
  public NetworkNamespace namespace() {
    return namespace;
  }

  /**
   * Brings the packet rules into the wanted state; they do not need the links.
   *
   * @param repair look whether another program has altered them
   */
  public void rules(TaskState wanted, boolean repair) {
    if (repair) {
      ruleset.repair(wanted.ruleset());
    } else {
      ruleset.ensure(wanted.ruleset());
    }
    flows.follow(wanted.translations());
  }

  /**
   * Brings links, addresses and routes into the wanted state.
   *
   * @param host where the other ends of the links are
   * @param outside finds a link of the host by its name
   * @param repair read the kernel even when nothing else is wanted than the last time
   */
  public void links(
      TaskState wanted, Netlink host, Function<String, Optional<Link>> outside, boolean repair) {
    boolean first = applied.isEmpty();
    TaskState before = applied.orElse(wanted);
    applied = Optional.empty();
    boolean linksDiffer = first || !before.links().equals(wanted.links());
    if (repair || linksDiffer || !before.replies().equals(wanted.replies())) {
      Map<String, Link> links = made(wanted, host, outside);
      boolean remade = addresses(wanted, links);
      if (remade || !before.defaultRoute().equals(wanted.defaultRoute())) {
        wanted.defaultRoute().ifPresent(route -> defaultRoute(route, links));
      }
      replies(wanted, links);
    }
    applied = Optional.of(wanted);
  }

  /** Makes missing links; the result is all links by name. */
  private Map<String, Link> made(
      TaskState wanted, Netlink host, Function<String, Optional<Link>> outside) {
    Map<String, Link> found = byName(inside);
    List<Change> changes = new ArrayList<>();
    List<TaskState.Link> added = new ArrayList<>();
    for (TaskState.Link link : wanted.links()) {
      Link bridge =
          outside
              .apply(link.bridge())
              .orElseThrow(
                  () -> new IllegalStateException("bridge " + link.bridge() + " is missing"));
      Optional<Link> other = outside.apply(link.hostName());
      Link here = found.get(link.name());
      if (here != null && other.isPresent()) {
        corrections(link, here, other.get(), bridge, host);
      } else {
        other.ifPresent(stale -> changes.add(Links.delete(stale.index())));
        changes.add(Links.add(cable(link, bridge)));
        added.add(link);
      }
    }
    if (added.isEmpty()) {
      return found;
    }
    host.apply(changes);
    isolate(added, host);
    Map<String, Link> all = byName(inside);
    inside.apply(added.stream().map(link -> Links.up(index(all, link.name()))).toList());
    return all;
  }

  private NewLink cable(TaskState.Link link, Link bridge) {
    NewLink end = NewLink.peer(link.name()).withMtu(link.mtu()).in(namespace);
    return NewLink.veth(
            link.hostName(), link.mac().map(mac -> end.withMac(KernelForms.mac(mac))).orElse(end))
        .withMtu(link.mtu())
        .withMaster(bridge.index())
        .withUp();
  }

  private static void isolate(List<TaskState.Link> made, Netlink host) {
    List<Change> changes = new ArrayList<>();
    for (TaskState.Link link : made) {
      if (link.isolated()) {
        int index = host.index(link.hostName());
        changes.add(BridgePorts.set(index, BridgePorts.Option.ISOLATED, true));
      }
    }
    host.apply(changes);
  }

  private void corrections(
      TaskState.Link wanted, Link here, Link other, Link bridge, Netlink host) {
    List<Change> within = new ArrayList<>();
    List<Change> outside = new ArrayList<>();
    Optional<MacAddress> mac = wanted.mac().map(KernelForms::mac);
    if (mac.isPresent() && !mac.equals(here.mac())) {
      // The host takes no frame with another one.
      within.add(Links.mac(here.index(), mac.get()));
    }
    if (here.mtu() != wanted.mtu()) {
      within.add(Links.mtu(here.index(), wanted.mtu()));
    }
    if (!here.up()) {
      within.add(Links.up(here.index()));
    }
    if (other.mtu() != wanted.mtu()) {
      outside.add(Links.mtu(other.index(), wanted.mtu()));
    }
    if (other.master().isEmpty() || other.master().getAsInt() != bridge.index()) {
      outside.add(Links.master(other.index(), bridge.index()));
      outside.add(BridgePorts.set(other.index(), BridgePorts.Option.ISOLATED, wanted.isolated()));
    }
    if (!other.up()) {
      outside.add(Links.up(other.index()));
    }
    inside.apply(within);
    host.apply(outside);
  }

  private static Map<String, Link> byName(Netlink netlink) {
    Map<String, Link> links = new HashMap<>();
    netlink.links().forEach(link -> links.put(link.name(), link));
    return links;
  }

  /** Adds missing addresses; says whether there were any. */
  private boolean addresses(TaskState wanted, Map<String, Link> links) {
    Set<Address> present = new HashSet<>(inside.addresses());
    List<Change> changes = new ArrayList<>();
    for (TaskState.Link link : wanted.links()) {
      Address address = Address.of(index(links, link.name()), KernelForms.prefix(link.address()));
      if (!present.contains(address)) {
        changes.add(Addresses.replace(address));
      }
    }
    inside.apply(changes);
    return !changes.isEmpty();
  }

  private static int index(Map<String, Link> links, String name) {
    Link link = links.get(name);
    if (link == null) {
      throw new IllegalStateException("link " + name + " is missing");
    }
    return link.index();
  }

  private void defaultRoute(TaskState.DefaultRoute route, Map<String, Link> links) {
    inside.apply(
        Routes.replace(
            Route.to(Prefix.everyIpv4())
                .via(KernelForms.inet(route.gateway()))
                .by(index(links, route.link()))
                .withSource(KernelForms.inet(route.source()))));
  }

  /** Tables and rules of the routing mesh's replies. */
  private void replies(TaskState wanted, Map<String, Link> links) {
    Map<Integer, Route> routes = new HashMap<>();
    Map<Integer, Rule> rules = new HashMap<>();
    wanted
        .replies()
        .forEach(
            (mark, reply) -> {
              routes.put(
                  reply.table(),
                  Route.to(Prefix.everyIpv4())
                      .via(KernelForms.inet(reply.gateway()))
                      .by(index(links, reply.link()))
                      .withTable(reply.table()));
              rules.put(reply.table(), Rule.ofMark(RULE_PRIORITY, mark, reply.table()));
            });
    List<Change> changes = new ArrayList<>();
    for (Route found : inside.routes()) {
      if (isOurs(found.table())) {
        Route route = routes.get(found.table());
        if (route == null) {
          changes.add(Routes.delete(found));
        } else if (found.gateway().equals(route.gateway())
            && found.device().equals(route.device())) {
          routes.remove(found.table());
        }
      }
    }
    for (Rule found : inside.rules()) {
      if (!found.ipv6() && isOurs(found.table())) {
        Rule rule = rules.get(found.table());
        if (rule == null || !rule.mark().equals(found.mark())) {
          changes.add(Rules.delete(found));
        } else {
          rules.remove(found.table());
        }
      }
    }
    routes.values().forEach(route -> changes.add(Routes.replace(route)));
    rules.values().forEach(rule -> changes.add(Rules.add(rule)));
    inside.apply(changes);
  }

  private static boolean isOurs(int table) {
    return table > NetworkPlanner.REPLY_TABLE_BASE
        && table <= NetworkPlanner.REPLY_TABLE_BASE + 65_535;
  }

  /**
   * Removes the namespace. The kernel then removes the links of many namespaces at once, which is
   * much faster than one by one.
   */
  public void delete() {
    try {
      close();
    } finally {
      namespace.delete();
    }
  }

  /** Leaves the namespace as it is. */
  @Override
  public void close() {
    flows.close();
    ruleset.close();
    alterations.close();
    inside.close();
  }
}
