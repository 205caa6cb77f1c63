package dev.hanse.agent.gossip;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/**
 * The sockets of the gossip, bound.
 *
 * @param datagrams not blocking
 * @param streams blocking
 */
record GossipPorts(DatagramChannel datagrams, ServerSocket streams) implements AutoCloseable {
  /**
   * Room for the questions of other nodes while this process does not run: the kernel takes their
   * connections, and by that they see that it exists.
   */
  private static final int BACKLOG = 1024;

  private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

  /**
   * Binds both.
   *
   * @throws GossipPortException when one of them cannot be had
   */
  static GossipPorts open(InetAddress address, int port) throws GossipPortException {
    InetSocketAddress local = new InetSocketAddress(address, port);
    DatagramChannel datagrams = null;
    String protocol = "UDP";
    try {
      datagrams = DatagramChannel.open();
      datagrams.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
      datagrams.bind(local);
      datagrams.configureBlocking(false);
      protocol = "TCP";
      ServerSocket streams = new ServerSocket();
      try {
        streams.setReuseAddress(true); // Connections of an earlier run may linger.
        streams.bind(local, BACKLOG);
        return new GossipPorts(datagrams, streams);
      } catch (IOException fault) {
        streams.close();
        throw fault;
      }
    } catch (IOException fault) {
      if (datagrams != null) {
        closeQuietly(datagrams);
      }
      throw new GossipPortException(protocol, address.getHostAddress(), port, fault);
    }
  }

  @Override
  public void close() {
    closeQuietly(datagrams);
    closeQuietly(streams);
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception _) {
      // Nothing is lost: the socket was to go.
    }
  }
}
