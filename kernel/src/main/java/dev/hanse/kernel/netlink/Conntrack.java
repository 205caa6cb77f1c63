package dev.hanse.kernel.netlink;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.network.Flow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Connection tracking of one namespace, for IPv4: exchanges of UDP, and connections of TCP that
 * nobody has answered yet. A rule that translates destinations is asked only for the first packet
 * of a flow; what came of it is kept as long as packets follow, so a changed rule means nothing to
 * a client that goes on sending from the same port, or that repeats its SYN. Forgetting the flow
 * makes its next packet a first one.
 *
 * <p>Messages are those of linux/netfilter/nfnetlink_conntrack.h. The socket is opened with the
 * first call and kept: closing one waits until the kernel has freed the packet rules that were
 * replaced before, some ten milliseconds. Of one thread at a time.
 */
public final class Conntrack implements AutoCloseable {
  private static final int SUBSYSTEM = 1 << 8;
  private static final int NEW = SUBSYSTEM;
  private static final int GET = SUBSYSTEM | 1;
  private static final int DELETE = SUBSYSTEM | 2;
  private static final int STATISTICS = SUBSYSTEM | 5;
  private static final int STATISTICS_ENTRIES = 1;
  private static final int FLAG_DUMP = 0x300;
  private static final int FIXED_BYTES = 4;
  private static final int TUPLE_ORIGINAL = 1;
  private static final int TUPLE_REPLY = 2;
  private static final int STATUS = 3;
  private static final int ID = 12;
  private static final int FILTER = 25;
  private static final int STATUS_MASK = 26;
  private static final int FILTER_ORIGINAL_FLAGS = 1;
  private static final int FILTER_BY_PROTOCOL = 1 << 3;
  private static final int TUPLE_ADDRESSES = 1;
  private static final int TUPLE_PROTOCOL = 2;
  private static final int V4_SOURCE = 1;
  private static final int V4_DESTINATION = 2;
  private static final int PROTOCOL_NUMBER = 1;
  private static final int SOURCE_PORT = 2;
  private static final int DESTINATION_PORT = 3;
  private static final int STATUS_ANSWERED = 1 << 1;
  private static final int STATUS_DESTINATION_TRANSLATED = 1 << 5;

  /** Type bit of an attribute that contains attributes; connection tracking insists on it. */
  private static final int NESTED = 0x8000;

  /** So that the acknowledgements of one send fit into the receive queue. */
  private static final int DELETED_AT_ONCE = 200;

  /** What is looked at, with the status bits that must be unset. */
  private enum Transport {
    UDP(17, "udp", 0),
    TCP(6, "tcp", STATUS_ANSWERED);

    final int number;
    final String name;
    final int unset;

    Transport(int number, String name, int unset) {
      this.number = number;
      this.name = name;
      this.unset = unset;
    }
  }

  /** A flow with what names it to the kernel. */
  private record Entry(Flow flow, ByteBuffer tuple, Optional<ByteBuffer> id) {}

  private final NetworkNamespace namespace;
  private Optional<NetlinkSocket> opened = Optional.empty();
  private int sequence;

  /** Opens nothing yet. */
  public Conntrack(NetworkNamespace namespace) {
    this.namespace = namespace;
  }

  private NetlinkSocket socket() {
    if (opened.isEmpty()) {
      opened = Optional.of(new NetlinkSocket(namespace, NetlinkSocket.NETFILTER));
    }
    return opened.get();
  }

  /** All flows of UDP, and those of TCP that were not answered, over IPv4. */
  public List<Flow> flows() {
    return list(socket()).stream().map(Entry::flow).toList();
  }

  /** Forgets those of {@link #flows} that are chosen, and says how many were. */
  public int forget(Predicate<Flow> chosen) {
    NetlinkSocket socket = socket();
    List<Entry> entries = list(socket).stream().filter(entry -> chosen.test(entry.flow)).toList();
    for (int from = 0; from < entries.size(); from += DELETED_AT_ONCE) {
      delete(socket, entries.subList(from, Math.min(from + DELETED_AT_ONCE, entries.size())));
    }
    return entries.size();
  }

  @Override
  public void close() {
    opened.ifPresent(NetlinkSocket::close);
  }

  /**
   * How many flows there are, of any kind. All namespaces share one table in the kernel, which a
   * listing walks from end to end: some milliseconds, also when nothing is found.
   */
  private int count(NetlinkSocket socket) {
    String operation = "count flows";
    MessageWriter writer = new MessageWriter();
    writer.begin(STATISTICS, Requests.FLAG_REQUEST, ++sequence);
    writer.u8(Family.UNSPECIFIED).u8(0).u16(0);
    writer.end();
    socket.send(operation, writer.toBytes());
    Message answer;
    do {
      answer = Message.split(socket.receive(operation)).getFirst();
    } while (answer.sequence() != sequence);
    if (answer.type() == Message.ERROR) {
      requireNoError(operation, answer);
    }
    return answer
        .attributesAfter(FIXED_BYTES)
        .value(STATISTICS_ENTRIES)
        .map(found -> found.order(ByteOrder.BIG_ENDIAN).getInt())
        .orElse(1);
  }

  private List<Entry> list(NetlinkSocket socket) {
    List<Entry> entries = new ArrayList<>();
    if (count(socket) > 0) {
      for (Transport transport : Transport.values()) {
        list(socket, transport, entries);
      }
    }
    return entries;
  }

  private void list(NetlinkSocket socket, Transport transport, List<Entry> entries) {
    String operation = "list flows";
    MessageWriter writer = new MessageWriter();
    writer.begin(GET, Requests.FLAG_REQUEST | FLAG_DUMP, ++sequence);
    writer.u8(Family.IPV4).u8(0).u16(0);
    writer.nested(
        TUPLE_ORIGINAL | NESTED,
        () ->
            writer.nested(
                TUPLE_PROTOCOL | NESTED,
                () -> writer.attributeU8(PROTOCOL_NUMBER, transport.number)));
    // Kernels before 5.8 do not know it and send all.
    writer.nested(
        FILTER | NESTED, () -> writer.attributeU32(FILTER_ORIGINAL_FLAGS, FILTER_BY_PROTOCOL));
    if (transport.unset != 0) {
      // In network order; kernels before 5.17 do not know the mask and send all.
      writer.attribute(STATUS, new byte[Integer.BYTES]);
      writer.attribute(
          STATUS_MASK, ByteBuffer.allocate(Integer.BYTES).putInt(transport.unset).array());
    }
    writer.end();
    socket.send(operation, writer.toBytes());
    while (true) {
      for (Message message : Message.split(socket.receive(operation))) {
        if (message.sequence() != sequence) {
          continue;
        }
        if (message.type() == Message.DONE || message.type() == Message.ERROR) {
          requireNoError(operation, message);
          return;
        }
        if (message.type() == NEW) {
          decode(message, transport).ifPresent(entries::add);
        }
      }
    }
  }

  private static void requireNoError(String operation, Message message) {
    int error = message.body().limit() < Integer.BYTES ? 0 : message.body().getInt(0);
    if (error < 0) {
      throw new KernelException(operation, new Errno(-error));
    }
  }

  private static Optional<Entry> decode(Message message, Transport transport) {
    Attributes attributes = message.attributesAfter(FIXED_BYTES);
    Optional<Attributes> original = attributes.nested(TUPLE_ORIGINAL);
    Optional<Attributes> reply = attributes.nested(TUPLE_REPLY);
    int status =
        attributes.value(STATUS).map(found -> found.order(ByteOrder.BIG_ENDIAN).getInt()).orElse(0);
    if (original.isEmpty()
        || reply.isEmpty()
        || protocol(original.get()) != transport.number
        || (status & transport.unset) != 0) {
      return Optional.empty();
    }
    Attributes addresses = original.get().nested(TUPLE_ADDRESSES).orElseThrow();
    Attributes replyAddresses = reply.get().nested(TUPLE_ADDRESSES).orElseThrow();
    return Optional.of(
        new Entry(
            new Flow(
                transport.name,
                addresses.address(V4_SOURCE).orElseThrow(),
                port(original.get(), SOURCE_PORT),
                addresses.address(V4_DESTINATION).orElseThrow(),
                port(original.get(), DESTINATION_PORT),
                replyAddresses.address(V4_SOURCE).orElseThrow(),
                port(reply.get(), SOURCE_PORT),
                (status & STATUS_DESTINATION_TRANSLATED) != 0),
            attributes.value(TUPLE_ORIGINAL).orElseThrow(),
            attributes.value(ID)));
  }

  private static int protocol(Attributes tuple) {
    return tuple.nested(TUPLE_PROTOCOL).map(found -> found.u8(PROTOCOL_NUMBER).orElse(0)).orElse(0);
  }

  private static int port(Attributes tuple, int which) {
    return tuple.nested(TUPLE_PROTOCOL).orElseThrow().networkU16(which).orElse(0);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** A message without a tuple would delete everything: each has one. */
  private void delete(NetlinkSocket socket, List<Entry> entries) {
    String operation = "forget flow";
    MessageWriter writer = new MessageWriter();
    int before = sequence;
    for (Entry entry : entries) {
      writer.begin(DELETE, Requests.FLAG_REQUEST | Requests.FLAG_ACKNOWLEDGE, ++sequence);
      writer.u8(Family.IPV4).u8(0).u16(0);
      writer.attribute(TUPLE_ORIGINAL | NESTED, bytes(entry.tuple));
      // Not another one that took its place meanwhile.
      entry.id.ifPresent(id -> writer.attribute(ID, bytes(id)));
      writer.end();
    }
    socket.send(operation, writer.toBytes());
    int answered = 0;
    while (answered < entries.size()) {
      for (Message message : Message.split(socket.receive(operation))) {
        if (message.type() == Message.ERROR && message.sequence() - before > 0) {
          answered++;
          if (message.body().getInt(0) != -Errno.ENOENT.number()) {
            requireNoError(operation, message);
          }
        }
      }
    }
  }
}
