package dev.hanse.node.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.node.membership.AdvertiseAddress.Ambiguous;
import dev.hanse.node.membership.AdvertiseAddress.Candidate;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdvertiseAddressTest {
  private static final List<Candidate> ONE = List.of(new Candidate("eth0", "192.0.2.1"));
  private static final List<Candidate> TWO_ON_ONE =
      List.of(new Candidate("eth0", "192.0.2.1"), new Candidate("eth0", "192.0.2.2"));
  private static final List<Candidate> TWO =
      List.of(new Candidate("eth0", "192.0.2.1"), new Candidate("eth1", "198.51.100.1"));

  private static String choose(String requested, String listen, List<Candidate> candidates) {
    return AdvertiseAddress.choose(requested, listen, "--advertise-addr", candidates);
  }

  @Test
  void theOnlyAddressIsTaken() {
    assertThat(choose("", "0.0.0.0", ONE)).isEqualTo("192.0.2.1");
  }

  @Test
  void aSpecificListenAddressIsAdvertised() {
    assertThat(choose("", "198.51.100.1", TWO)).isEqualTo("198.51.100.1");
  }

  @Test
  void anInterfaceStandsForItsAddress() {
    assertThat(choose("eth1", "0.0.0.0", TWO)).isEqualTo("198.51.100.1");
  }

  @Test
  void aPortIsCutOff() {
    assertThat(choose("192.0.2.7:2377", "0.0.0.0", TWO)).isEqualTo("192.0.2.7");
  }

  @Test
  void severalAddressesAreNamedInTheRefusal() {
    assertThatThrownBy(() -> choose("", "0.0.0.0", TWO))
        .isInstanceOf(Ambiguous.class)
        .hasMessage(
            "could not choose an IP address to advertise since this system has multiple addresses"
                + " on different interfaces (192.0.2.1 on eth0 and 198.51.100.1 on eth1) - specify"
                + " one with --advertise-addr");
    assertThatThrownBy(() -> choose("", "0.0.0.0", TWO_ON_ONE))
        .hasMessageContaining("on interface eth0 (192.0.2.1 and 192.0.2.2)");
  }

  @Test
  void whatIsNoAddressIsRefused() {
    assertThatThrownBy(() -> choose("", "0.0.0.0", List.of()))
        .hasMessageContaining("could not find the system's IP address");
    assertThatThrownBy(() -> choose("wlan7", "0.0.0.0", TWO)).hasMessageContaining("\"wlan7\"");
    assertThatThrownBy(() -> choose("0.0.0.0", "0.0.0.0", TWO)).hasMessageContaining("0.0.0.0");
    assertThatThrownBy(() -> choose("eth0", "0.0.0.0", TWO_ON_ONE))
        .hasMessageContaining("more than one IPv4 address");
  }

  @Test
  void portsAreReadOrDefault() throws IOException {
    assertThat(AdvertiseAddress.port("0.0.0.0:1234", 2377)).isEqualTo(1234);
    assertThat(AdvertiseAddress.port("0.0.0.0", 2377)).isEqualTo(2377);
    assertThatThrownBy(() -> AdvertiseAddress.port("0.0.0.0:65536", 2377))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1 to 65535");
  }
}
