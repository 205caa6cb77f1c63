package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import java.util.List;

/**
 * A partition in one direction: a host sends and does not hear the others of its lab. Unlike one
 * whose cable is pulled it is on the link still, so what is sent to it is lost in silence and is
 * not refused as without a route.
 */
final class Deafness {
  private Deafness() {}

  /** From now on the host does not hear. */
  static void begin(Lab lab, String host) {
    StringBuilder rules = new StringBuilder();
    for (HostState peer : lab.hosts()) {
      if (!peer.name().equals(host)) {
        rules.append(" ip saddr ").append(peer.address()).append(" drop;");
      }
    }
    nft(
        lab,
        host,
        "table ip deaf { chain in { type filter hook prerouting priority -450;" + rules + " }; }");
  }

  /** The host hears again, if it did not. */
  static void end(Lab lab, String host) {
    nft(lab, host, "table ip deaf; delete table ip deaf");
  }

  private static void nft(Lab lab, String host, String rules) {
    DockerCommand.Result result = new DockerCommand(lab, host).run(List.of("nft", rules));
    assertThat(result.status()).as(result.err()).isZero();
  }
}
