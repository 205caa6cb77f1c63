package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real namespaces and cables; needs root. */
class UnderlayTest {
  @TempDir Path base;
  private Directories directories;
  private LabState state;
  private Underlay underlay;

  @BeforeEach
  void make() throws IOException {
    directories = Directories.below(base);
    int block = AddressBlocks.choose(OptionalInt.empty(), directories);
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
    List<HostState> hosts = List.of(host(block, 1), host(block, 2));
    state = new LabState("u", block, false, self, Engine.HANSE, List.of(), hosts);
    state.write(directories.state("u"));
    underlay = new Underlay(directories, "u");
    underlay.make(state);
  }

  @AfterEach
  void remove() {
    Remains.ofLab(directories, "u").removeAll();
  }

  @Test
  void hosts_and_machine_reach_each_other_until_a_cable_is_pulled() throws Exception {
    HostState first = state.host("host1");
    HostState second = state.host("host2");
    assertThat(reaches(first, second.address())).isTrue();
    assertThat(reaches(second, state.gateway())).isTrue();
    assertThat(reaches(second, state.machine())).isTrue();
    // Nothing is beyond the gateway, and it says so.
    Process beyond = nsenter(first, "busybox", "nc", "-w", "9", "192.0.2.1", "80").start();
    String told = new String(beyond.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(told).containsIgnoringCase("no route to host");
    assertThat(run("busybox", "ping", "-c", "1", "-W", "2", second.address())).isZero();

    underlay.setCable(second, false);
    assertThat(underlay.cable(second)).isFalse();
    assertThat(underlay.cable(first)).isTrue();
    assertThat(reaches(first, second.address())).isFalse();
    assertThat(reaches(first, state.gateway())).isTrue();

    underlay.setCable(second, true);
    Await.until(Duration.ofSeconds(10), "healed", () -> reaches(first, second.address()));
  }

  @Test
  void removal_finds_processes_mounts_and_interfaces_by_what_they_are() throws Exception {
    HostState first = state.host("host1");
    ProcessIdentity inside = start(nsenter(first, "busybox", "sleep", "1000"));
    ProcessBuilder marked = new ProcessBuilder("busybox", "sleep", "1000");
    marked.environment().put(Daemon.MARK, first.execRoot().toString());
    ProcessIdentity byMark = start(marked);
    ProcessBuilder foreign = new ProcessBuilder("busybox", "sleep", "1000");
    foreign.environment().put(Daemon.MARK, first.execRoot() + "/../../../elsewhere/host1");
    ProcessIdentity other = start(foreign);
    Path mount = Files.createDirectories(first.execRoot().resolve("a mount"));
    assertThat(run("mount", "-t", "tmpfs", "tmpfs", mount.toString())).isZero();
    assertThat(Unmount.below(List.of(mount))).hasSize(1);

    Remains.ofLab(directories, "u").removeAll();

    assertThat(inside.alive()).isFalse();
    assertThat(byMark.alive()).isFalse();
    assertThat(other.alive()).isTrue();
    other.kill();
    assertThat(Unmount.below(List.of(base))).isEmpty();
    assertThat(directories.lab("u")).doesNotExist();
    // The kernel frees a namespace, and its end of the cable, a little later.
    Await.until(
        Duration.ofSeconds(10),
        "the machine's interface is gone",
        () -> !Files.exists(Path.of("/sys/class/net/hanse-lab" + state.block())));
  }

  private HostState host(int block, int number) {
    String name = "host" + number;
    return new HostState(
        name,
        "10." + block + ".0." + number,
        number == 1,
        directories.namespace("u", name),
        directories.labData("u").resolve(name),
        directories.lab("u").resolve(name),
        Optional.empty());
  }

  private static boolean reaches(HostState from, String address)
      throws IOException, InterruptedException {
    Process ping = nsenter(from, "busybox", "ping", "-c", "1", "-W", "1", address).start();
    return ping.waitFor() == 0;
  }

  private static ProcessBuilder nsenter(HostState host, String... command) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + host.namespace(), "--"));
    all.addAll(List.of(command));
    return new ProcessBuilder(all);
  }

  private static ProcessIdentity start(ProcessBuilder command) throws IOException {
    return ProcessIdentity.of(command.start().pid()).orElseThrow();
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).start().waitFor();
  }
}
