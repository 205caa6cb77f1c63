package dev.hanse.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageConfig;
import dev.hanse.runtime.images.ImageRootfs;
import dev.hanse.runtime.spec.SecuritySettings.AppArmorChoice;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The documents that runc gets. Set the system property {@code rewrite} to write the golden files
 * anew, and read the difference.
 */
class RuntimeSpecTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long ALL_CAPABILITIES = (1L << 41) - 1;
  private static final HostFacts FACTS =
      new HostFacts(
          1,
          true,
          ALL_CAPABILITIES,
          "amd64",
          "the-host",
          Optional.of(Path.of("/usr/bin/docker-init")),
          List.of(HostFacts.PING_RANGE, HostFacts.UNPRIVILEGED_PORTS),
          List.of("/sys/devices/system/cpu/cpu0/thermal_throttle"),
          "6.1.0-30-amd64",
          true,
          false);
  private static final ImageRootfs IMAGE =
      new ImageRootfs(
          "sha256:1",
          new ImageConfig(
              List.of("/entry"),
              List.of("default"),
              List.of("PATH=/image/bin", "LANG=C"),
              "web",
              "/srv",
              List.of(),
              List.of(),
              Map.of(),
              Optional.empty(),
              Optional.empty(),
              List.of(),
              List.of()),
          "sha256:2",
          Optional.of("root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/srv:/bin/sh\n"),
          Optional.of("root:x:0:\nwww:x:34:\nlogs:x:99:web,root\n"),
          List.of());
  private static final String ID = "0123456789abcdef".repeat(4);

  private static JsonNode spec(ContainerSettings settings) {
    return RuntimeSpec.of(settings, IMAGE, FACTS, List.of());
  }

  private static void golden(String name, JsonNode actual) throws Exception {
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(actual) + "\n";
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(Path.of("src/test/resources/spec", name), text);
    }
    try (InputStream expected = RuntimeSpecTest.class.getResourceAsStream("/spec/" + name)) {
      assertThat(expected).as("golden file " + name).isNotNull();
      assertThat(text).isEqualTo(new String(expected.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void aContainerThatTakesEveryDefault() throws Exception {
    golden("default.json", spec(ContainerSettings.builder(ID, "image").build()));
  }

  @Test
  void aContainerWithEverySetting() throws Exception {
    golden(
        "everything.json",
        spec(
            ContainerSettings.builder(ID, "image")
                .entrypoint(List.of("/mine"))
                .arguments(List.of("one", "two"))
                .environment(List.of("LANG=de", "NEW=1", "HOSTNAME"))
                .user("0:logs")
                .workingDirectory("/work")
                .hostname("box")
                .domainName("example.org")
                .terminal(true)
                .mounts(
                    List.of(
                        new ContainerMount.Bind(
                            Path.of("/tmp"),
                            "/deep/er",
                            true,
                            ContainerMount.Propagation.RSLAVE,
                            true,
                            ContainerMount.Submounts.READ_ONLY_IF_POSSIBLE),
                        ContainerMount.Bind.of(Path.of("/tmp"), "/deep", false),
                        new ContainerMount.Tmpfs(
                            "/run", OptionalLong.of(4096), OptionalInt.of(0755), true, true)))
                .resources(
                    new ResourceLimits(
                        OptionalLong.of(1_500_000_000),
                        OptionalLong.of(512),
                        Optional.of("0-1"),
                        OptionalLong.of(100 << 20),
                        OptionalLong.of(50 << 20),
                        OptionalLong.of(-1),
                        OptionalLong.of(10),
                        OptionalLong.of(99),
                        true))
                .security(
                    new SecuritySettings(
                        false,
                        true,
                        List.of("cap_net_admin", "SYS_ADMIN"),
                        List.of("MKNOD"),
                        SeccompChoice.DEFAULT,
                        AppArmorChoice.DEFAULT,
                        true))
                .init(true)
                .ulimits(List.of(new ResourceLimits.Ulimit("core", 0, -1)))
                .sysctls(Map.of("net.core.somaxconn", "1024"))
                .network(new NetworkPlace.Joined(Path.of("/run/netns/task")))
                .hostFiles(
                    new ContainerSettings.HostFiles(
                        Optional.of(Path.of("/tmp")), Optional.empty(), Optional.empty()))
                .cgroupParent("custom/")
                .oomScoreAdjust(-5)
                .devices(List.of(new ContainerDevice(Path.of("/dev/null"), "/dev/nothing", "r")))
                .additionalGroups(List.of("www", "123"))
                .shmSizeBytes(1 << 20)
                .shimGroup("group-1")
                .build()));
  }

  @Test
  void aPrivilegedContainerIsNotConfined() {
    JsonNode spec =
        spec(
            ContainerSettings.builder(ID, "image")
                .network(new NetworkPlace.Host())
                .security(
                    new SecuritySettings(
                        true,
                        false,
                        List.of(),
                        List.of(),
                        SeccompChoice.DEFAULT,
                        AppArmorChoice.DEFAULT,
                        false))
                .build());
    assertThat(spec.at("/process/capabilities/effective")).hasSize(41);
    assertThat(spec.at("/linux/seccomp").isMissingNode()).isTrue();
    assertThat(spec.at("/linux/maskedPaths").isMissingNode()).isTrue();
    assertThat(spec.at("/linux/sysctl").isMissingNode()).isTrue();
    assertThat(spec.path("hostname").asText()).isEqualTo("the-host");
    assertThat(spec.at("/linux/namespaces").findValuesAsText("type")).doesNotContain("network");
    assertThat(spec.at("/linux/devices").findValuesAsText("path")).contains("/dev/null");
  }

  @Test
  void theSeccompProfileFollowsCapabilitiesAndMachine() {
    JsonNode plain = SeccompProfile.of(List.of("CAP_CHOWN"), "amd64");
    assertThat(plain.path("architectures").path(0).asText()).isEqualTo("SCMP_ARCH_X86_64");
    assertThat(rule(plain, "mount")).isEmpty();
    assertThat(rule(plain, "chroot")).isEmpty();
    assertThat(rule(plain, "arch_prctl")).isPresent();
    assertThat(rule(plain, "clone3").orElseThrow().path("errnoRet").asInt()).isEqualTo(38);
    assertThat(rule(plain, "clone").orElseThrow().at("/args/0/value").asLong())
        .isEqualTo(2114060288L);
    JsonNode administrator = SeccompProfile.of(List.of("CAP_SYS_ADMIN"), "arm64");
    assertThat(administrator.path("architectures").path(1).asText()).isEqualTo("SCMP_ARCH_ARM");
    assertThat(rule(administrator, "mount")).isPresent();
    assertThat(rule(administrator, "arch_prctl")).isEmpty();
    assertThat(rule(administrator, "clone").orElseThrow().has("args")).isFalse();
    assertThat(rule(administrator, "clone3").orElseThrow().has("errnoRet")).isFalse();
  }

  private static Optional<JsonNode> rule(JsonNode profile, String systemCall) {
    for (JsonNode rule : profile.path("syscalls")) {
      for (JsonNode name : rule.path("names")) {
        if (name.asText().equals(systemCall)) {
          return Optional.of(rule);
        }
      }
    }
    return Optional.empty();
  }

  @Test
  void usersAreLookedUpAsDockerDoes() {
    assertThat(user("")).isEqualTo(new ResolvedUser(0, 0, List.of(0L, 99L)));
    assertThat(user("web")).isEqualTo(new ResolvedUser(33, 34, List.of(34L, 99L)));
    assertThat(user("33")).isEqualTo(new ResolvedUser(33, 34, List.of(34L, 99L)));
    assertThat(user("web:logs")).isEqualTo(new ResolvedUser(33, 99, List.of(99L)));
    assertThat(user("7:8")).isEqualTo(new ResolvedUser(7, 8, List.of(8L)));
    assertThatThrownBy(() -> user("nemo"))
        .isInstanceOf(RuntimeFault.class)
        .hasMessage("unable to find user nemo: no matching entries in passwd file");
    assertThatThrownBy(() -> user("web:nemo"))
        .hasMessage("unable to find group nemo: no matching entries in group file");
    assertThatThrownBy(() -> user("2147483648"))
        .hasMessage("uids and gids must be in range 0-2147483647");
  }

  private static ResolvedUser user(String wanted) {
    return ResolvedUser.of(wanted, IMAGE.passwd(), IMAGE.group(), List.of());
  }

  @Test
  void mountsThatCannotBeAreRefused() {
    for (String target : List.of("relative", "/", "/a/..")) {
      assertThatThrownBy(
              () ->
                  spec(
                      ContainerSettings.builder(ID, "image")
                          .mounts(List.of(ContainerMount.Tmpfs.of(target)))
                          .build()))
          .isInstanceOf(RuntimeFault.class)
          .hasMessageContaining("invalid mount path");
    }
  }

  private static String profile(boolean kernelHasIt, boolean privileged, AppArmorChoice choice) {
    HostFacts facts =
        new HostFacts(
            2,
            true,
            ALL_CAPABILITIES,
            "amd64",
            "the-host",
            Optional.empty(),
            List.of(),
            List.of(),
            "6.1.0",
            true,
            kernelHasIt);
    ContainerSettings settings =
        ContainerSettings.builder(ID, "image")
            .security(
                new SecuritySettings(
                    privileged, false, List.of(), List.of(), SeccompChoice.DEFAULT, choice, true))
            .build();
    JsonNode process = RuntimeSpec.of(settings, IMAGE, facts, List.of()).path("process");
    // An exec, privileged or not, is kept in as its container is.
    for (boolean all : new boolean[] {false, true}) {
      JsonNode exec =
          ExecSpec.of(
              (ObjectNode) process,
              new ExecSpec.Changes(
                  List.of("id"),
                  List.of(),
                  Optional.empty(),
                  Optional.empty(),
                  false,
                  all,
                  Optional.empty()),
              facts);
      assertThat(exec.path("apparmorProfile")).isEqualTo(process.path("apparmorProfile"));
      assertThat(exec.path("noNewPrivileges").asBoolean()).isTrue();
    }
    return process.path("apparmorProfile").asText("none");
  }

  @Tag("attack")
  @Test
  void everyContainerIsUnderTheProfileWhereTheKernelHasApparmor() {
    assertThat(profile(true, false, AppArmorChoice.DEFAULT)).isEqualTo("hanse-default");
    assertThat(profile(true, false, AppArmorChoice.DISABLED)).isEqualTo("unconfined");
    assertThat(profile(true, true, AppArmorChoice.DEFAULT)).isEqualTo("unconfined");
    assertThat(profile(false, false, AppArmorChoice.DEFAULT)).isEqualTo("none");
    assertThat(profile(false, false, AppArmorChoice.DISABLED)).isEqualTo("none");
  }

  /** What Docker's default profile lets through and what not, as of 2026. */
  @Tag("attack")
  @Test
  void theDefaultFilterKnowsWhatIsDangerous() {
    JsonNode rules = spec(ContainerSettings.builder(ID, "image").build()).at("/linux/seccomp");
    assertThat(rules.path("defaultAction").asText()).isEqualTo("SCMP_ACT_ERRNO");
    var allowed = new java.util.HashSet<String>();
    var families = new java.util.HashSet<Long>();
    for (JsonNode rule : rules.path("syscalls")) {
      for (JsonNode name : rule.path("names")) {
        if (rule.path("args").isEmpty() && rule.path("action").asText().equals("SCMP_ACT_ALLOW")) {
          allowed.add(name.asText());
        }
        if (name.asText().equals("socket")) {
          JsonNode argument = rule.at("/args/0");
          long value = argument.path("value").asLong();
          families.addAll(
              argument.path("op").asText().equals("SCMP_CMP_LT")
                  ? java.util.stream.LongStream.range(0, value).boxed().toList()
                  : List.of(value));
        }
      }
    }
    assertThat(allowed)
        .contains("openat2", "futex_waitv", "mseal")
        .doesNotContain(
            "io_uring_setup",
            "io_uring_enter",
            "io_uring_register",
            "keyctl",
            "add_key",
            "request_key",
            "userfaultfd",
            "bpf",
            "perf_event_open",
            "mount",
            "move_mount",
            "open_tree",
            "unshare",
            "setns",
            "clone",
            "clone3",
            "open_by_handle_at",
            "kexec_load",
            "init_module",
            "quotactl",
            "socket");
    assertThat(families)
        .contains(1L, 2L, 10L, 16L, 17L, 44L)
        .doesNotContain(12L, 19L, 23L, 37L, 38L, 40L, 46L);
  }
}
