package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabStateTest {
  @TempDir Path directory;

  @Test
  void what_is_written_is_read() throws Exception {
    LabState state = state();
    Path file = directory.resolve("a/lab.json");
    state.write(file);
    assertThat(LabState.read(file)).contains(state);
    LabState changed = state.with(state.host("host2").withDaemon(Optional.empty())).completed();
    changed.write(file);
    assertThat(LabState.read(file)).contains(changed);
  }

  @Test
  void a_broken_file_is_no_state() throws Exception {
    Path file = directory.resolve("lab.json");
    Files.writeString(file, "{\"name\": \"te");
    assertThat(LabState.read(file)).isEmpty();
    assertThat(LabState.read(directory.resolve("missing.json"))).isEmpty();
  }

  @Test
  void an_unknown_host_is_refused_with_the_known_ones() {
    assertThatThrownBy(() -> state().host("host7"))
        .hasMessage("lab t has no host host7: it has host1, host2");
  }

  @Test
  void plans_are_checked() {
    assertThatThrownBy(() -> LabPlan.of("Big", 1, 0)).hasMessageContaining("invalid lab name");
    assertThatThrownBy(() -> LabPlan.of("../x", 1, 0)).hasMessageContaining("invalid lab name");
    assertThatThrownBy(() -> LabPlan.of("x", 0, 2)).hasMessageContaining("at least one manager");
    assertThatThrownBy(() -> LabPlan.of("x", 1, LabPlan.HOSTS_MAX)).hasMessageContaining("at most");
    assertThat(LabPlan.of("x", 1, LabPlan.HOSTS_MAX - 1).hosts()).isEqualTo(LabPlan.HOSTS_MAX);
  }

  private LabState state() {
    HostState first = host(1, Optional.empty());
    HostState second = host(2, Optional.of(new ProcessIdentity(17, 4711)));
    return new LabState(
        "t",
        211,
        false,
        new ProcessIdentity(1, 2),
        Engine.DOCKER,
        List.of("--debug"),
        List.of(first, second));
  }

  private HostState host(int number, Optional<ProcessIdentity> daemon) {
    String name = "host" + number;
    return new HostState(
        name,
        "10.211.0." + number,
        number == 1,
        directory.resolve("netns").resolve(name),
        directory.resolve("data").resolve(name),
        directory.resolve(name),
        daemon);
  }
}
