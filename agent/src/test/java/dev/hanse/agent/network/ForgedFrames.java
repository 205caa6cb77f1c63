package dev.hanse.agent.network;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.MacAddress;
import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.NativeFunction;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Netlink;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What a container with CAP_NET_RAW can do: frames with any content, sent at one link. */
public final class ForgedFrames implements AutoCloseable {
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final NativeFunction SOCKET =
      NativeFunction.ofC("socket", NativeFunction.Result.INT);
  private static final NativeFunction SENDTO =
      NativeFunction.ofC("sendto", NativeFunction.Result.LONG);
  private static final int IP = 0x0800;
  private static final int ARP = 0x0806;
  private static final String EVERYBODY = "ff:ff:ff:ff:ff:ff";

  private final int socket;
  private final int link;

  ForgedFrames(NetworkNamespace namespace, String linkName) {
    this.socket =
        namespace.call(() -> (int) SOCKET.call("open packet socket", AF_PACKET, SOCK_RAW, 0));
    try (Netlink netlink = Netlink.open(namespace)) {
      this.link = netlink.index(linkName);
    }
  }

  void send(byte[] frame) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] address =
          ByteBuffer.allocate(20)
              .order(ByteOrder.nativeOrder())
              .putShort((short) AF_PACKET)
              .putShort((short) 0)
              .putInt(link)
              .putShort((short) 0)
              .put((byte) 0)
              .put((byte) 6)
              .put(frame, 0, 6)
              .array();
      SENDTO.call(
          "send frame",
          socket,
          arena.allocateFrom(JAVA_BYTE, frame).address(),
          frame.length,
          0,
          arena.allocateFrom(JAVA_BYTE, address).address(),
          address.length);
    }
  }

  private static byte[] mac(String text) {
    long bits = text.equals(EVERYBODY) ? 0xffff_ffff_ffffL : MacAddress.of(text).bits();
    return ByteBuffer.allocate(8).putLong(bits).array();
  }

  private static ByteBuffer ethernet(String to, String from, int type, int length) {
    return ByteBuffer.allocate(14 + length)
        .put(mac(to), 2, 6)
        .put(mac(from), 2, 6)
        .putShort((short) type);
  }

  /** A datagram in a frame. */
  static byte[] udp(
      String toMac, String fromMac, String from, String to, int port, String content) {
    return udp(toMac, fromMac, from, to, port, content.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] udp(
      String toMac, String fromMac, String from, String to, int port, byte[] content) {
    int length = 28 + content.length;
    ByteBuffer ip =
        ByteBuffer.allocate(20)
            .put((byte) 0x45)
            .put((byte) 0)
            .putShort((short) length)
            .putInt(0)
            .put((byte) 64)
            .put((byte) 17)
            .putShort((short) 0)
            .put(Ipv4Address.of(from).bytes())
            .put(Ipv4Address.of(to).bytes());
    int sum = 0;
    for (int word = 0; word < 20; word += 2) {
      sum += ip.getShort(word) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    ip.putShort(10, (short) ~((sum & 0xffff) + (sum >>> 16)));
    return ethernet(toMac, fromMac, IP, length)
        .put(ip.array())
        .putShort((short) 5353)
        .putShort((short) port)
        .putShort((short) (8 + content.length))
        .putShort((short) 0)
        .put(content)
        .array();
  }

  /** A question that names its sender, which every listener learns from. */
  static byte[] arpRequest(
      String fromMac, String senderMac, String senderAddress, String targetAddress) {
    return ethernet(EVERYBODY, fromMac, ARP, 28)
        .putShort((short) 1)
        .putShort((short) IP)
        .put((byte) 6)
        .put((byte) 4)
        .putShort((short) 1)
        .put(mac(senderMac), 2, 6)
        .put(Ipv4Address.of(senderAddress).bytes())
        .put(new byte[6])
        .put(Ipv4Address.of(targetAddress).bytes())
        .array();
  }

  /** A frame as VXLAN carries it (RFC 7348, section 5). */
  static byte[] vxlan(int vni, byte[] frame) {
    return ByteBuffer.allocate(8 + frame.length)
        .putInt(0x0800_0000)
        .putInt(vni << 8)
        .put(frame)
        .array();
  }

  @Override
  public void close() {
    Descriptors.close(socket);
  }
}
