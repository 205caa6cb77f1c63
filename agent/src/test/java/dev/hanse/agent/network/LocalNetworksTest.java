package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.network.LocalNetworks.LocalNetwork;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalNetworksTest {
  @TempDir private Path directory;

  @Test
  void idsAreDrawnOnceAndKept() throws IOException {
    LocalNetworks networks = LocalNetworks.in(directory);
    assertThat(networks.all())
        .extracting(LocalNetwork::name)
        .containsExactly("bridge", "docker_gwbridge", "host", "none");
    assertThat(networks.all()).extracting(LocalNetwork::id).doesNotHaveDuplicates();
    assertThat(LocalNetworks.in(directory).all()).isEqualTo(networks.all());
  }

  @Test
  void aNetworkIsFoundByNameIdAndStartOfItsId() throws IOException {
    LocalNetworks networks = LocalNetworks.in(directory);
    LocalNetwork host = networks.find("host").orElseThrow();
    assertThat(networks.find(host.id())).contains(host);
    assertThat(networks.find(host.id().substring(0, 12))).contains(host);
    assertThat(networks.find("")).isEmpty();
    assertThat(networks.find("nothing")).isEmpty();
  }
}
