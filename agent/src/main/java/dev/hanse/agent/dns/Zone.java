package dev.hanse.agent.dns;

import dev.hanse.network.TaskNames;
import java.net.InetSocketAddress;
import java.util.List;

/** One task as the name service sees it; {@link #names} is replaced by other threads. */
final class Zone {
  /** Queries of one task that wait for an answer from elsewhere. */
  static final int OUTSTANDING_MAX = 128;

  static final int CONNECTIONS_MAX = 32;

  /** Queries of one task by TCP that wait for an answer from elsewhere. */
  static final int TCP_OUTSTANDING_MAX = 8;

  final String taskId;

  /** Where to forward to; empty for the host's own name servers. */
  final List<InetSocketAddress> servers;

  volatile TaskNames names;

  /** Of the selector thread alone. */
  int outstanding;

  /** Of the selector thread alone. */
  int tcpOutstanding;

  /** Of the selector thread alone. */
  int connections;

  /** Of the selector thread alone: so that not every client takes the first address. */
  int rotation;

  Zone(String taskId, List<InetSocketAddress> servers, TaskNames names) {
    this.taskId = taskId;
    this.servers = List.copyOf(servers);
    this.names = names;
  }
}
