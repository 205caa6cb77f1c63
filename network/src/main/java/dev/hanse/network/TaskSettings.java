package dev.hanse.network;

import dev.hanse.network.TaskState.Link;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Kernel settings of a task's namespace, keys relative to {@code /proc/sys}. */
final class TaskSettings {
  private TaskSettings() {}

  static SortedMap<String, String> of(List<Link> links) {
    SortedMap<String, String> settings = new TreeMap<>();
    // A client behind an entry node comes in through a link that is not the way back to it.
    settings.put("net/ipv4/conf/all/rp_filter", "0");
    settings.put("net/ipv4/conf/default/rp_filter", "0");
    // Ports below 1024 and ping without privileges, as Docker has it.
    settings.put("net/ipv4/ip_unprivileged_port_start", "0");
    settings.put("net/ipv4/ping_group_range", "0 2147483647");
    for (Link link : links) {
      settings.put("net/ipv4/conf/" + link.name() + "/rp_filter", "0");
      settings.put("net/ipv6/conf/" + link.name() + "/disable_ipv6", "1");
    }
    return settings;
  }
}
