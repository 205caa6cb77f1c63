package dev.hanse.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.network.ForwardingEntry;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.kernel.network.Rule;
import dev.hanse.kernel.network.Vxlan;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The bytes on the wire, written out by hand from the kernel's headers for a little-endian machine.
 */
class MessageTest {
  private static String encode(Change change) {
    try (Requests requests = new Requests(7)) {
      change.encode(requests);
      return HexFormat.of().formatHex(requests.toBytes());
    }
  }

  private static String hex(String... parts) {
    return String.join("", parts).replace(" ", "");
  }

  private static ByteBuffer bytes(String... parts) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex(parts))).order(ByteOrder.nativeOrder());
  }

  @Test
  void aBridgeIsOneMessage() {
    assertThat(encode(Links.add(NewLink.bridge("br0").withMtu(1450).withUp())))
        .isEqualTo(
            hex(
                "44000000 1000 0506 07000000 00000000", // length, type, flags, sequence, port
                "00 00 0000 00000000 01000000 01000000", // family, type, index, flags, mask
                "0800 0300 62723000", // name
                "0800 0400 aa050000", // MTU
                "1400 1200", // information:
                "0b00 0100 62726964676500 00", // kind "bridge", padded
                "0400 0200")); // no data
  }

  @Test
  void anAliasIsASecondMessage() {
    assertThat(encode(Links.add(NewLink.bridge("br0").withAlias("x"))))
        .endsWith(
            hex(
                "30000000 1300 0500 08000000 00000000",
                "00 00 0000 00000000 00000000 00000000",
                "0800 0300 62723000",
                "0600 1400 7800 0000"));
  }

  @Test
  void aForwardingEntryOfATunnel() {
    assertThat(
            encode(
                ForwardingEntries.replace(
                    ForwardingEntry.ofVxlan(
                        5,
                        MacAddress.parse("02:48:0a:00:00:02"),
                        InetAddress.ofLiteral("192.0.2.9")))))
        .isEqualTo(
            hex(
                "30000000 1c00 0505 07000000 00000000",
                "07 00 0000 05000000 8000 02 00", // bridge, link 5, permanent, self
                "0a00 0200 02480a000002 0000",
                "0800 0100 c0000209"));
  }

  @Test
  void aRuleByMark() {
    assertThat(encode(Rules.add(Rule.ofMark(100, 0x100, 0xff00, 1000))))
        .isEqualTo(
            hex(
                "3c000000 2000 0506 07000000 00000000",
                "02 00 00 00 00 00 00 01 00000000",
                "0800 0600 64000000",
                "0800 0a00 00010000",
                "0800 1000 00ff0000",
                "0800 0f00 e8030000"));
  }

  @Test
  void aRouteByGatewayOnlink() {
    Route route =
        Route.to(Prefix.parse("10.1.0.0/16"))
            .via(InetAddress.ofLiteral("192.0.2.1"))
            .by(3)
            .withOnlink();
    assertThat(encode(Routes.add(route)))
        .isEqualTo(
            hex(
                "3c000000 1800 0506 07000000 00000000",
                "02 10 00 00 fe 04 00 01 04000000",
                "0800 0100 0a010000",
                "0800 0500 c0000201",
                "0800 0400 03000000",
                "0800 0f00 fe000000"));
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> Message.split(bytes("20000000 1000 0000 00000000 00000000")))
        .hasMessage("netlink message of length 32 does not fit");
    assertThatThrownBy(() -> Message.split(bytes("0f000000 1000 0000 00000000 00000000")))
        .hasMessage("netlink message of length 15 does not fit");
    assertThatThrownBy(() -> Attributes.decode(bytes("0900 0100 00000000")))
        .hasMessage("netlink attribute 1 of length 9 does not fit");
    assertThatThrownBy(() -> Attributes.decode(bytes("0300 0100")))
        .hasMessage("netlink attribute 1 of length 3 does not fit");
  }

  @Test
  void namesTextsAndAddressesAreChecked() {
    assertThat(MacAddress.parse("02:48:0a:00:00:02")).hasToString("02:48:0a:00:00:02");
    assertThat(Prefix.parse("10.0.0.1")).hasToString("10.0.0.1/32");
    assertThatThrownBy(() -> MacAddress.parse("02:48"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Prefix.parse("10.0.0.0/33"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> NewLink.bridge("sixteen-letters-"))
        .hasMessage("not a name for an interface: \"sixteen-letters-\"");
    assertThatThrownBy(() -> NewLink.bridge("a/b")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Vxlan.of(1 << 24, 4789)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> NewLink.veth("a", NewLink.peer("b").withUp()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
