package dev.hanse.agent.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container's TCP connection to its name server: messages with a length of two bytes before each
 * (RFC 1035, section 4.2.2), one at a time.
 */
final class ClientConnection implements NameService.Handler {
  private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);
  private static final int LENGTH_BYTES = 2;
  private static final int QUERY_BYTES_MAX = 4096;

  private final Zone zone;
  private final SocketChannel channel;
  private final BiConsumer<Query, Consumer<byte[]>> resolver;
  private final ByteBuffer in = ByteBuffer.allocate(LENGTH_BYTES + QUERY_BYTES_MAX);
  private Optional<ByteBuffer> out = Optional.empty();
  private final Consumer<ClientConnection> gone;
  private boolean busy;
  private boolean ended;

  /**
   * @param gone told of its end
   */
  ClientConnection(
      Zone zone,
      SocketChannel channel,
      BiConsumer<Query, Consumer<byte[]>> resolver,
      Consumer<ClientConnection> gone) {
    this.gone = gone;
    this.zone = zone;
    this.channel = channel;
    this.resolver = resolver;
  }

  @Override
  public void ready(SelectionKey key) throws IOException {
    if (out.isPresent()) {
      write(key);
    }
    if (!busy && out.isEmpty() && key.isValid() && key.isReadable()) {
      if (channel.read(in) < 0) {
        end();
        return;
      }
      next(key);
    }
  }

  private void next(SelectionKey key) throws IOException {
    if (in.position() < LENGTH_BYTES) {
      return;
    }
    int length = in.getShort(0) & 0xffff;
    if (length > QUERY_BYTES_MAX) {
      end();
      return;
    }
    if (in.position() < LENGTH_BYTES + length) {
      return;
    }
    byte[] message = new byte[length];
    in.flip().position(LENGTH_BYTES);
    in.get(message);
    in.compact();
    Optional<Query> query = Query.parse(message);
    if (query.isEmpty()) {
      end();
      return;
    }
    busy = true;
    key.interestOps(0);
    resolver.accept(query.get(), reply -> answer(key, reply));
  }

  private void answer(SelectionKey key, byte[] reply) {
    busy = false;
    if (ended || !key.isValid()) {
      return;
    }
    ByteBuffer framed = ByteBuffer.allocate(LENGTH_BYTES + reply.length);
    framed.putShort((short) reply.length).put(reply).flip();
    out = Optional.of(framed);
    try {
      write(key);
    } catch (IOException fault) {
      log.debug("answer by TCP to task {}: {}", zone.taskId, fault.toString());
      end();
    }
  }

  private void write(SelectionKey key) throws IOException {
    ByteBuffer left = out.orElseThrow();
    channel.write(left);
    if (left.hasRemaining()) {
      key.interestOps(SelectionKey.OP_WRITE);
      return;
    }
    out = Optional.empty();
    key.interestOps(SelectionKey.OP_READ);
    // The client may have sent the next query already.
    next(key);
  }

  /** Closes the connection. */
  void end() {
    if (ended) {
      return;
    }
    ended = true;
    zone.connections--;
    gone.accept(this);
    try {
      channel.close();
    } catch (IOException fault) {
      log.debug("closing a connection of task {}: {}", zone.taskId, fault.toString());
    }
  }
}
