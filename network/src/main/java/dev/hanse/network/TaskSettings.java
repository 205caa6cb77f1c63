package dev.hanse.network;

import java.util.SortedMap;
import java.util.TreeMap;

/** Kernel settings of a task's namespace, keys relative to {@code /proc/sys}. */
final class TaskSettings {
  private TaskSettings() {}

  /**
   * For a new namespace, before its links are made: they take over what is set as default. Not put
   * back later, since the container's own settings may replace them.
   */
  static SortedMap<String, String> initial() {
    SortedMap<String, String> settings = new TreeMap<>();
    // A client behind an entry node comes in through a link that is not the way back to it.
    settings.put("net/ipv4/conf/all/rp_filter", "0");
    settings.put("net/ipv4/conf/default/rp_filter", "0");
    settings.put("net/ipv6/conf/default/disable_ipv6", "1");
    // Ports below 1024 and ping without privileges, as Docker has it.
    settings.put("net/ipv4/ip_unprivileged_port_start", "0");
    settings.put("net/ipv4/ping_group_range", "0 2147483647");
    return settings;
  }
}
