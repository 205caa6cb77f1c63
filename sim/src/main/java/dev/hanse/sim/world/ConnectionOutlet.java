package dev.hanse.sim.world;

import dev.hanse.manager.dispatch.Outlet;
import dev.hanse.sim.net.Connection;
import io.grpc.Status;
import java.util.function.Consumer;

/**
 * A stream's sending half on a simulated connection. It is not ready while too much is under way.
 */
final class ConnectionOutlet<T> implements Outlet<T> {
  private static final int UNDER_WAY_MAX = 4;

  private final Connection connection;
  private final Consumer<T> receiver;
  private final Consumer<Status> refused;
  private final Runnable writable;
  private int underWay;
  private boolean closed;

  /**
   * To a node.
   *
   * @param receiver at the node
   * @param refused at the node: the manager has ended the stream
   * @param writable at the manager: there is room again
   */
  ConnectionOutlet(
      Connection connection, Consumer<T> receiver, Consumer<Status> refused, Runnable writable) {
    this.connection = connection;
    this.receiver = receiver;
    this.refused = refused;
    this.writable = writable;
  }

  @Override
  public boolean ready() {
    return !closed && connection.isOpenAtServer() && underWay < UNDER_WAY_MAX;
  }

  @Override
  public void send(T message) {
    if (closed) {
      return;
    }
    underWay++;
    connection.toClient(
        () -> {
          receiver.accept(message);
          connection.toServer(this::arrived);
        });
  }

  private void arrived() {
    boolean full = underWay == UNDER_WAY_MAX;
    underWay--;
    if (full) {
      writable.run();
    }
  }

  @Override
  public void close(Status status) {
    if (!closed) {
      closed = true;
      connection.toClient(() -> refused.accept(status));
    }
  }
}
