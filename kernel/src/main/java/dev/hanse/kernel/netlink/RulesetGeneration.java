package dev.hanse.kernel.netlink;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.nio.ByteOrder;

/**
 * The number of the packet filter's state in one namespace: the kernel adds one with each committed
 * transaction, whoever makes it (NFT_MSG_GETGEN of linux/netfilter/nf_tables.h). Asking costs a few
 * microseconds, listing a table a hundred times as much. Of one thread at a time.
 */
public final class RulesetGeneration implements AutoCloseable {
  private static final int GET = 10 << 8 | 16;
  private static final int NEW = 10 << 8 | 15;
  private static final int FIXED_BYTES = 4;
  private static final int NFTA_GEN_ID = 1;
  private static final String OPERATION = "read generation of the packet filter";

  private final NetlinkSocket socket;
  private int sequence;

  private RulesetGeneration(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket inside the namespace; it keeps the namespace alive until closed. */
  public static RulesetGeneration open(NetworkNamespace namespace) {
    return new RulesetGeneration(new NetlinkSocket(namespace, NetlinkSocket.NETFILTER));
  }

  /** The number now, as an unsigned 32-bit one. */
  public long now() {
    MessageWriter writer = new MessageWriter();
    sequence++;
    writer.begin(GET, Requests.FLAG_REQUEST, sequence);
    writer.u8(Family.UNSPECIFIED).u8(0).u16(0);
    writer.end();
    socket.send(OPERATION, writer.toBytes());
    while (true) {
      for (Message message : Message.split(socket.receive(OPERATION))) {
        if (message.sequence() == sequence && message.type() == NEW) {
          return message
              .attributesAfter(FIXED_BYTES)
              .value(NFTA_GEN_ID)
              .map(found -> Integer.toUnsignedLong(found.order(ByteOrder.BIG_ENDIAN).getInt()))
              .orElseThrow(() -> new IllegalStateException(OPERATION + ": no number"));
        }
        if (message.sequence() == sequence && message.type() == Message.ERROR) {
          throw new KernelException(OPERATION, new Errno(-message.body().getInt(0)));
        }
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
