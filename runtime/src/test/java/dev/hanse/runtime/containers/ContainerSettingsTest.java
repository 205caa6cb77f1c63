package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.Output;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.World;
import dev.hanse.runtime.spec.ContainerDevice;
import dev.hanse.runtime.spec.ContainerMount;
import dev.hanse.runtime.spec.ContainerSettings;
import dev.hanse.runtime.spec.NetworkPlace;
import dev.hanse.runtime.spec.ResourceLimits;
import dev.hanse.runtime.spec.SeccompChoice;
import dev.hanse.runtime.spec.SeccompDocument;
import dev.hanse.runtime.spec.SecuritySettings;
import dev.hanse.runtime.spec.SecuritySettings.AppArmorChoice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What each setting does, seen from inside the container. */
class ContainerSettingsTest {
  private static World world;

  @BeforeAll
  static void open() {
    world = World.withBusybox();
  }

  @AfterAll
  static void close() {
    world.close();
  }

  private static SecuritySettings security(
      boolean privileged, List<String> added, List<String> dropped, SeccompChoice seccomp) {
    return new SecuritySettings(
        privileged, false, added, dropped, seccomp, AppArmorChoice.DEFAULT, false);
  }

  @Test
  void environmentUserAndDirectory() {
    World.Finished run =
        world.run(
            settings ->
                settings
                    .environment(List.of("A=1", "PATH=/bin"))
                    .user("web")
                    .workingDirectory("/made/for/it")
                    .hostname("harbour"),
            "sh",
            "-c",
            "echo $A $PATH $HOSTNAME $HOME; id; pwd; hostname");
    assertThat(run.stdout())
        .isEqualTo(
            """
            1 /bin harbour /home/web
            uid=1000(web) gid=1001(web) groups=1001(web),2000(logs)
            /made/for/it
            harbour
            """);
  }

  @Test
  void usersByNumberAndMoreGroups() {
    World.Finished run =
        world.run(
            settings -> settings.user("1234:5678").additionalGroups(List.of("logs", "77")), "id");
    assertThat(run.stdout()).isEqualTo("uid=1234 gid=5678 groups=77,2000(logs),5678\n");
    assertThatThrownBy(() -> world.run(settings -> settings.user("nemo"), "id"))
        .hasMessage("unable to find user nemo: no matching entries in passwd file");
  }

  @Test
  void entrypointAndArguments() {
    assertThat(
            world.run(settings -> settings.entrypoint(List.of("echo", "fixed")), "given").stdout())
        .isEqualTo("fixed given\n");
    assertThatThrownBy(() -> world.run(settings -> settings.entrypoint(List.of(""))))
        .hasMessage("no command specified");
  }

  @Test
  void tooMuchMemoryIsReported() {
    var limits =
        ResourceLimits.of(
            OptionalLong.empty(),
            OptionalLong.of(16 << 20),
            OptionalLong.empty(),
            OptionalLong.empty());
    World.Finished run =
        world.run(
            settings -> settings.resources(limits), "dd", "if=/dev/zero", "of=/dev/null", "bs=64M");
    assertThat(run.exit().code()).isEqualTo(137);
    assertThat(run.exit().outOfMemory()).isTrue();
  }

  @Test
  void limitsReachTheControlGroup() {
    var limits =
        ResourceLimits.of(
            OptionalLong.of(500_000_000),
            OptionalLong.of(64 << 20),
            OptionalLong.of(32 << 20),
            OptionalLong.of(17));
    String id = world.start(settings -> settings.resources(limits), new Output(), "sleep", "100");
    ContainerStatistics statistics = world.containers().statistics(id);
    assertThat(statistics.memory().limitBytes()).isEqualTo(64 << 20);
    assertThat(statistics.processes().limit()).hasValue(17);
    var group = new ControlGroup(statistics.cgroupVersion(), "/hanse/" + id);
    String quota =
        statistics.cgroupVersion() == 2
            ? group.text("cpu", "cpu.max").orElseThrow()
            : group.text("cpu", "cpu.cfs_quota_us").orElseThrow();
    assertThat(quota).startsWith("50000");
    world
        .containers()
        .update(
            id,
            ResourceLimits.of(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(33)));
    assertThat(world.containers().statistics(id).processes().limit()).hasValue(33);
    world.containers().delete(id);
    assertThatThrownBy(
            () ->
                world.run(
                    settings ->
                        settings.resources(
                            ResourceLimits.of(
                                OptionalLong.empty(),
                                OptionalLong.of(1000),
                                OptionalLong.empty(),
                                OptionalLong.empty())),
                    "true"))
        .hasMessage("Minimum memory limit allowed is 6MB");
  }

  @Test
  void capabilitiesAreDockersUnlessChanged() {
    String line = "grep CapEff /proc/self/status";
    assertThat(world.shell(line).stdout()).contains("00000000a80425fb");
    assertThat(
            world
                .run(
                    settings ->
                        settings.security(
                            security(
                                false,
                                List.of("CAP_NET_ADMIN"),
                                List.of("ALL"),
                                SeccompChoice.DEFAULT)),
                    "sh",
                    "-c",
                    line)
                .stdout())
        .contains("0000000000001000");
    assertThatThrownBy(
            () ->
                world.run(
                    settings ->
                        settings.security(
                            security(false, List.of("FLY"), List.of(), SeccompChoice.DEFAULT)),
                    "true"))
        .hasMessageContaining("unknown capability: \"CAP_FLY\"");
  }

  @Test
  void systemCallsAreFilteredUnlessUnconfined() {
    String line = "grep Seccomp: /proc/self/status; unshare -U true 2>&1; echo $?";
    assertThat(world.shell(line).stdout())
        .contains("Seccomp:\t2", "Operation not permitted", "\n1\n");
    assertThat(
            world
                .run(
                    settings ->
                        settings.security(
                            security(false, List.of(), List.of(), SeccompChoice.UNCONFINED)),
                    "sh",
                    "-c",
                    line)
                .stdout())
        .contains("Seccomp:\t0")
        .doesNotContain("not permitted");
  }

  @Test
  void kernelFilesAreMaskedUnlessPrivileged() {
    String line =
        "head -c 10 /proc/kcore 2>/dev/null | wc -c; echo x > /proc/sys/kernel/hostname;"
            + " ls /sys/firmware | wc -l; mount | grep -c ' / '";
    World.Finished run = world.shell(line);
    assertThat(run.stdout()).startsWith("0\n").contains("\n0\n");
    assertThat(run.stderr()).contains("Read-only file system");
    World.Finished privileged =
        world.run(
            settings ->
                settings.security(security(true, List.of(), List.of(), SeccompChoice.DEFAULT)),
            "sh",
            "-c",
            "grep -E 'CapEff|Seccomp:' /proc/self/status; mount | grep ' /proc/' | wc -l;"
                + " ls /dev/kmsg");
    assertThat(privileged.stdout()).contains("Seccomp:\t0", "\n0\n", "/dev/kmsg");
  }

  @Test
  void aReadOnlyRootWithAWritableTmpfs() {
    World.Finished run =
        world.run(
            settings ->
                settings
                    .security(
                        new SecuritySettings(
                            false,
                            true,
                            List.of(),
                            List.of(),
                            SeccompChoice.DEFAULT,
                            AppArmorChoice.DEFAULT,
                            true))
                    .mounts(
                        List.of(
                            new ContainerMount.Tmpfs(
                                "/scratch",
                                OptionalLong.of(1 << 20),
                                OptionalInt.of(0700),
                                false,
                                false))),
            "sh",
            "-c",
            "touch /x; touch /scratch/x && echo ok; stat -c %a /scratch; mount | grep scratch;"
                + " grep NoNewPrivs /proc/self/status");
    assertThat(run.stderr()).contains("/x: Read-only file system");
    assertThat(run.stdout()).startsWith("ok\n700\n").contains("size=1024k", "NoNewPrivs:\t1");
  }

  @Test
  void filesOfTheHostAreSeenInside() throws Exception {
    Path directory = Files.createDirectories(world.directory().resolve("shared"));
    Files.writeString(directory.resolve("in"), "from the host");
    Path hosts = Files.writeString(world.directory().resolve("hosts"), "10.0.0.1 friend\n");
    World.Finished run =
        world.run(
            settings ->
                settings
                    .mounts(
                        List.of(
                            ContainerMount.Bind.of(directory, "/shared", false),
                            ContainerMount.Bind.of(directory, "/fixed", true)))
                    .hostFiles(
                        new ContainerSettings.HostFiles(
                            Optional.of(hosts), Optional.empty(), Optional.empty())),
            "sh",
            "-c",
            "cat /shared/in /etc/hosts; echo back > /shared/out; touch /fixed/x");
    assertThat(run.stdout()).isEqualTo("from the host10.0.0.1 friend\n");
    assertThat(run.stderr()).contains("Read-only file system");
    assertThat(directory.resolve("out")).hasContent("back");
    assertThatThrownBy(
            () ->
                world.run(
                    settings ->
                        settings.mounts(
                            List.of(ContainerMount.Bind.of(Path.of("/no/such"), "/x", false))),
                    "true"))
        .isInstanceOf(RuntimeFault.class)
        .hasMessageContaining("bind source path does not exist: /no/such");
  }

  @Test
  void kernelParametersLimitsDevicesAndSharedMemory() {
    World.Finished run =
        world.run(
            settings ->
                settings
                    .sysctls(Map.of("net.ipv4.ip_default_ttl", "42"))
                    .ulimits(List.of(new ResourceLimits.Ulimit("nofile", 123, 456)))
                    .devices(List.of(new ContainerDevice(Path.of("/dev/kmsg"), "/dev/log1", "r")))
                    .shmSizeBytes(2 << 20)
                    .oomScoreAdjust(321),
            "sh",
            "-c",
            "cat /proc/sys/net/ipv4/ip_default_ttl; ulimit -n; ulimit -Hn; ls /dev/log1;"
                + " mount | grep /dev/shm; cat /proc/self/oom_score_adj;"
                + " cat /proc/sys/net/ipv4/ip_unprivileged_port_start");
    assertThat(run.stdout())
        .startsWith("42\n123\n456\n/dev/log1\n")
        .contains("size=2048k")
        .endsWith("321\n0\n");
  }

  /** What belongs to the whole host is not set, however it is written. */
  @Tag("attack")
  @Test
  void kernelParametersOfTheHostAreRefused() {
    for (String name :
        List.of(
            "kernel.panic",
            "vm.drop_caches",
            "kernel/panic",
            "fs.file-max",
            "net/../kernel/panic")) {
      assertThatThrownBy(() -> world.run(settings -> settings.sysctls(Map.of(name, "0")), "true"))
          .isInstanceOf(RuntimeFault.class)
          .hasMessageContaining("sys");
    }
    assertThatThrownBy(
            () ->
                world.run(
                    settings ->
                        settings
                            .network(new NetworkPlace.Host())
                            .sysctls(Map.of("net.ipv4.ip_forward", "1")),
                    "true"))
        .isInstanceOf(RuntimeFault.class)
        .hasMessageContaining("net.ipv4.ip_forward");
  }

  /** A user's profile in effect, seen from inside; an exec is under it too. */
  @Test
  void aUsersOwnFilterIsInForce() throws Exception {
    SeccompDocument profile =
        SeccompDocument.parse(
            """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
              {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2}]}
            """
                .getBytes(StandardCharsets.UTF_8));
    World.Finished run =
        world.run(
            settings ->
                settings.security(
                    security(false, List.of(), List.of(), new SeccompChoice.Custom(profile))),
            "sh",
            "-c",
            "mkdir /made; grep Seccomp: /proc/self/status");
    assertThat(run.stderr()).contains("No such file or directory");
    assertThat(run.stdout()).contains("Seccomp:\t2");
  }

  /** Labels are what a service says: one that looks like ours made every look at the node fail. */
  @Tag("attack")
  @Test
  void labelsOfUsersAreNotTakenForOurs() {
    String id =
        world.start(
            settings ->
                settings.labels(
                    Map.of(
                        "hanse.exit.code", "x",
                        "hanse.exit.time", "never",
                        "hanse.terminal", "",
                        "mine", "1")),
            new Output(),
            "sleep",
            "100");
    assertThat(world.containers().list(Map.of("mine", "1")))
        .singleElement()
        .satisfies(state -> assertThat(state.phase()).isEqualTo(ContainerState.Phase.RUNNING));
    world.containers().delete(id);
  }

  @Test
  void labelsAreKeptThatContainerdKeepsNot() throws Exception {
    Map<String, String> labels =
        Map.of("empty", "", "short", "1", "long", "x".repeat(5000), "whole", "x".repeat(4091));
    String id = world.start(settings -> settings.labels(labels), new Output(), "sleep", "100");
    assertThat(world.containers().find(id).orElseThrow().labels()).isEqualTo(labels);
    assertThat(world.containers().list(Map.of("empty", "", "short", "1"))).hasSize(1);
    assertThat(world.containers().list(Map.of("empty", "x"))).isEmpty();
    Queue<ContainerEvent> seen = new ConcurrentLinkedQueue<>();
    try (AutoCloseable _ = world.containers().subscribe(seen::add)) {
      world.containers().delete(id);
      World.eventually(
          "its removal is told with all labels",
          () ->
              seen.stream()
                  .anyMatch(
                      event ->
                          event instanceof ContainerEvent.Removed removed
                              && removed.labels().equals(labels)));
    }
  }

  @Test
  void theConfinementIsToldAsItIs() {
    String id = world.start(settings -> settings, new Output(), "sleep", "100");
    Confinement confinement = world.containers().confinement(id);
    assertThat(confinement.maskedPaths())
        .contains("/proc/interrupts", "/proc/kcore", "/sys/devices/virtual/powercap");
    assertThat(confinement.readOnlyPaths()).contains("/proc/sys", "/proc/sysrq-trigger");
    assertThat(confinement.appArmorProfile())
        .isEqualTo(world.containers().facts().appArmor() ? "hanse-default" : "");
    world.containers().delete(id);
  }

  @Test
  void anInitReapsAndPassesSignalsOn() {
    World.Finished run =
        world.run(
            settings -> settings.init(true), "sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; exit 9");
    assertThat(run.stdout()).startsWith("/sbin/docker-init -- sh -c");
    assertThat(run.exit().code()).isEqualTo(9);
  }

  @Test
  void theHostsNetworkOrNone() {
    assertThat(world.shell("ls /sys/class/net").stdout().lines()).contains("lo");
    World.Finished host =
        world.run(
            settings -> settings.network(new NetworkPlace.Host()),
            "sh",
            "-c",
            "stat -L -c %i /proc/self/ns/net");
    assertThat(host.stdout().strip()).isEqualTo(inode("/proc/self/ns/net"));
    World.Finished isolated =
        world.run(settings -> settings, "sh", "-c", "stat -L -c %i /proc/self/ns/net");
    assertThat(isolated.stdout().strip()).isNotEqualTo(inode("/proc/self/ns/net"));
  }

  private static String inode(String path) {
    try {
      return Files.getAttribute(Path.of(path), "unix:ino").toString();
    } catch (java.io.IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }
}
