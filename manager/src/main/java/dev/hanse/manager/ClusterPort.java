package dev.hanse.manager;

import dev.hanse.text.Letters;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server that runs. */
final class ClusterPort implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ClusterPort.class);
  private static final int STOP_SECONDS = 2;

  private final InetSocketAddress listen;
  private final Server server;

  private ClusterPort(InetSocketAddress listen, Server server) {
    this.listen = listen;
    this.server = server;
  }

  /**
   * Starts the server.
   *
   * @throws ManagerStartException in Docker's words if the port is taken
   */
  static ClusterPort open(InetSocketAddress listen, NettyServerBuilder builder)
      throws ManagerStartException {
    Server built = builder.build();
    try {
      built.start();
    } catch (IOException e) {
      throw new ManagerStartException(
          "failed to listen on remote API address: listen tcp "
              + listen.getAddress().getHostAddress()
              + ":"
              + listen.getPort()
              + ": "
              + (rootCause(e) instanceof BindException bind ? bindFault(bind) : e.getMessage()),
          e);
    }
    return new ClusterPort(listen, built);
  }

  /** The system's words as Go gives them. */
  private static String bindFault(BindException fault) {
    String said = String.valueOf(fault.getMessage());
    return "bind: " + Letters.small(said.substring(0, 1)) + said.substring(1);
  }

  /** The address, with the port that was found if 0 was asked for. */
  InetSocketAddress listening() {
    return new InetSocketAddress(listen.getAddress(), server.getPort());
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        logger.warn("the gRPC server has not stopped in {} s", STOP_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Throwable rootCause(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
