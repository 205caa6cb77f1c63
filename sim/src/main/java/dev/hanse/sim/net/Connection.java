package dev.hanse.sim.net;

import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import java.util.List;

/**
 * A connection as TCP and gRPC give it: in order and complete, or broken. Its ends are the first
 * and the last host of a path; hosts between them forward. A cut or a dead host on the path breaks
 * it, which each end finds out for itself and not at once.
 */
public final class Connection {
  private static final long NOTICE_MIN = 200 * Timeline.MS;
  private static final long NOTICE_MAX = 10 * Timeline.SECOND;

  private final Network network;
  private final List<Machine> path;
  private final List<Long> runs;
  private final End client = new End();
  private final End server = new End();
  private boolean broken;

  /** One end. */
  private static final class End {
    private boolean open = true;
    private long lastArrival;
    private Runnable closed = () -> {};
  }

  /** A connection from the first host of the path to the last. */
  public Connection(Network network, List<Machine> path) {
    this.network = network;
    this.path = List.copyOf(path);
    this.runs = path.stream().map(Machine::run).toList();
  }

  /** Told once, at the client, when the connection has ended otherwise than by it. */
  public void onClosedAtClient(Runnable action) {
    client.closed = action;
  }

  /** Told once, at the server, when the connection has ended otherwise than by it. */
  public void onClosedAtServer(Runnable action) {
    server.closed = action;
  }

  /** Can the client still send? */
  public boolean isOpenAtClient() {
    return client.open;
  }

  /** Can the server still send? */
  public boolean isOpenAtServer() {
    return server.open;
  }

  /** Runs something at the server. */
  public void toServer(Runnable arrival) {
    if (client.open) {
      transmit(path, server, arrival);
    }
  }

  /** Runs something at the client. */
  public void toClient(Runnable arrival) {
    if (server.open) {
      transmit(path.reversed(), client, arrival);
    }
  }

  private void transmit(List<Machine> way, End to, Runnable arrival) {
    if (!passable(way)) {
      breakOff();
      return;
    }
    long delay = 0;
    for (int i = 1; i < way.size(); i++) {
      delay += network.reliableDelay();
    }
    to.lastArrival = Math.max(to.lastArrival, network.timeline().nanos() + delay);
    network
        .timeline()
        .at(
            to.lastArrival,
            () -> {
              if (!passable(way)) {
                breakOff();
              } else if (!broken) {
                way.getLast()
                    .receive(
                        () -> {
                          if (to.open) {
                            arrival.run();
                          }
                        });
              }
            });
  }

  /** The client ends it: the server hears of it in order, after what was sent before. */
  public void closeAtClient() {
    if (client.open) {
      transmit(path, server, () -> end(server));
      client.open = false;
    }
  }

  /** The server ends it. */
  public void closeAtServer() {
    if (server.open) {
      transmit(path.reversed(), client, () -> end(client));
      server.open = false;
    }
  }

  private static void end(End end) {
    if (end.open) {
      end.open = false;
      end.closed.run();
    }
  }

  private boolean passable(List<Machine> way) {
    for (int i = 0; i < path.size(); i++) {
      if (!path.get(i).isUp() || path.get(i).run() != runs.get(i)) {
        return false;
      }
    }
    return network.isOpen(way);
  }

  /** Nothing more arrives; both ends will notice. */
  private void breakOff() {
    if (!broken) {
      broken = true;
      notice(path.getFirst(), runs.getFirst(), client);
      notice(path.getLast(), runs.getLast(), server);
    }
  }

  private void notice(Machine machine, long run, End end) {
    network
        .timeline()
        .after(
            network.random().nextLong(NOTICE_MIN, NOTICE_MAX),
            () -> {
              if (machine.run() == run) {
                machine.receive(() -> end(end));
              }
            });
  }
}
