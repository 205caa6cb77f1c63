package dev.hanse.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What addresses look like, at the limits of each part. */
class AddressTest {
  @Test
  void anIpv4AddressIsFourNumbersUpTo255() {
    for (String text : List.of("0.0.0.0", "255.255.255.255", "10.0.1.7")) {
      assertThat(Ipv4Address.parse(text)).map(Ipv4Address::toString).contains(text);
    }
    assertThat(Ipv4Address.of("10.0.0.1").bits()).isEqualTo(0x0a000001);
    for (String text :
        List.of(
            "",
            ".",
            "...",
            "1.2.3",
            "1.2.3.",
            ".1.2.3",
            "1..2.3",
            "1.2.3.4.",
            "1.2.3.4.5",
            "256.0.0.0",
            "0.0.0.256",
            "1.2.3.0004",
            "+1.2.3.4",
            "1.2.3.-4",
            "1.2.3.4 ",
            "١.2.3.4",
            "1.2.3.4/32")) {
      assertThat(Ipv4Address.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void aSubnetHasAPrefixOfUpTo32Bits() {
    for (String text : List.of("10.0.1.7/0", "10.0.1.7/24", "10.0.1.7/32")) {
      assertThat(Ipv4Subnet.parse(text)).map(Ipv4Subnet::toString).contains(text);
    }
    for (String text : List.of("10.0.1.7/33", "10.0.1.7/", "10.0.1.7/-1", "10.0.1/24", "/24")) {
      assertThat(Ipv4Subnet.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void aHardwareAddressIsSixBytesOfOneStation() {
    for (String text : List.of("00:00:00:00:00:00", "02:0a:ff:10:20:30", "fe:ff:ff:ff:ff:ff")) {
      assertThat(MacAddress.parse(text)).map(MacAddress::toString).contains(text);
    }
    assertThat(MacAddress.of("02:0A:FF:10:20:30").bits()).isEqualTo(0x020aff102030L);
    for (String text :
        List.of(
            "",
            "02:0a:ff:10:20:3",
            "02:0a:ff:10:20:300",
            "02-0a-ff-10-20-30",
            "02:0a:ff:10:20:3g",
            "020a:ff:10:20:300",
            "01:00:5e:00:00:01",
            "ff:ff:ff:ff:ff:ff")) {
      assertThat(MacAddress.parse(text)).as(text).isEmpty();
    }
  }
}
