package dev.hanse.agent.network;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A server as a container would run it, on all addresses of a namespace: tells each client the
 * server's name and the address that the client has as seen from here, then repeats what it gets.
 */
final class TaskServer implements AutoCloseable {
  private final String name;
  private final ServerSocketChannel tcp;
  private final DatagramChannel udp;

  TaskServer(String name, NetworkNamespace namespace, int port) throws IOException {
    this.name = name;
    this.tcp = namespace.call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET));
    this.udp = namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
    tcp.bind(new InetSocketAddress("0.0.0.0", port));
    udp.bind(new InetSocketAddress("0.0.0.0", port));
    Thread.ofPlatform().daemon().start(this::accept);
    Thread.ofPlatform().daemon().start(this::receive);
  }

  private String greeting(SocketAddress client) {
    return name + " " + ((InetSocketAddress) client).getAddress().getHostAddress() + "\n";
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = tcp.accept();
        Thread.ofPlatform().daemon().start(() -> echo(client));
      }
    } catch (ClosedChannelException _) {
      return;
    } catch (IOException fault) {
      throw new IllegalStateException(fault);
    }
  }

  private void echo(SocketChannel client) {
    try (client) {
      client.write(
          ByteBuffer.wrap(greeting(client.getRemoteAddress()).getBytes(StandardCharsets.UTF_8)));
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      while (client.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          client.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException ended) {
      return;
    }
  }

  private void receive() {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    try {
      while (true) {
        buffer.clear();
        SocketAddress client = udp.receive(buffer);
        udp.send(ByteBuffer.wrap(greeting(client).getBytes(StandardCharsets.UTF_8)), client);
      }
    } catch (ClosedChannelException _) {
      return;
    } catch (IOException fault) {
      throw new IllegalStateException(fault);
    }
  }

  @Override
  public void close() throws IOException {
    tcp.close();
    udp.close();
  }
}
