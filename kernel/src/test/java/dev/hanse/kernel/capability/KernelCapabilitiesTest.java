package dev.hanse.kernel.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCapabilitiesTest {
  @TempDir Path directory;

  @Test
  void thisKernelIsExaminedAndNothingIsLeft() {
    KernelCapabilities capabilities = KernelCapabilities.examine(directory);
    assertThat(capabilities.all())
        .extracting(Capability::name)
        .containsExactly(
            "network namespaces",
            "bridge",
            "veth",
            "vxlan",
            "routing rules",
            "nftables nat",
            "overlay file system",
            "control groups");
    assertThat(capabilities.missing()).isEmpty();
    assertThat(capabilities.controlGroups().version()).isBetween(1, 2);
    assertThat(capabilities.controlGroups().controllers()).contains("cpu", "memory", "pids");
    assertThat(directory).isEmptyDirectory();
  }
}
