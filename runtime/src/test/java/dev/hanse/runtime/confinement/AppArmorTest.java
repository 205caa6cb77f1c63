package dev.hanse.runtime.confinement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The profile and its way into the kernel, whose files are a directory here. */
class AppArmorTest {
  @TempDir Path host;
  private AppArmor.Places places;

  @BeforeEach
  void theKernelHasIt() throws IOException {
    places =
        new AppArmor.Places(
            host.resolve("enabled"),
            Files.createDirectory(host.resolve("security")),
            host.resolve("own"),
            Files.createDirectory(host.resolve("policies")));
    Files.writeString(places.parameter(), "Y\n");
    Files.writeString(profiles(), "man_groff (enforce)\n");
    Files.writeString(places.ownLabel(), "unconfined\n");
  }

  private Path profiles() {
    return places.securityFiles().resolve("profiles");
  }

  /** Notes what it was given and does to the kernel what the real one would. */
  private Path parser(String body) throws IOException {
    Path program = host.resolve("parser");
    Files.writeString(program, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  private Path loading() throws IOException {
    return parser(
        "echo \"$@\" >>"
            + host.resolve("calls")
            + "; cat >"
            + host.resolve("text")
            + "; echo 'hanse-default (enforce)' >>"
            + profiles()
            + "\n");
  }

  private long calls() throws IOException {
    return Files.exists(host.resolve("calls"))
        ? Files.readAllLines(host.resolve("calls")).size()
        : 0;
  }

  @Test
  void a_profile_is_used_where_the_kernel_has_apparmor() throws IOException {
    assertThat(new AppArmor(places, Optional.of(loading())).use()).isEqualTo(AppArmor.Use.READY);
    assertThat(new AppArmor(places, Optional.empty()).use()).isEqualTo(AppArmor.Use.NO_PARSER);
    assertThat(new AppArmor(places, Optional.empty()).warning().orElseThrow())
        .contains("apparmor_parser is not installed");
    Files.writeString(profiles(), "hanse-default (enforce)\n");
    assertThat(new AppArmor(places, Optional.empty()).use()).isEqualTo(AppArmor.Use.READY);
    Files.delete(profiles());
    Files.delete(places.securityFiles());
    assertThat(new AppArmor(places, Optional.of(loading())).warning().orElseThrow())
        .contains("/sys/kernel/security is not mounted");
    Files.writeString(places.parameter(), "N\n");
    AppArmor absent = new AppArmor(places, Optional.of(loading()));
    assertThat(absent.use()).isEqualTo(AppArmor.Use.ABSENT);
    assertThat(absent.warning()).isEmpty();
    absent.install();
    absent.ensureLoaded();
    assertThat(calls()).isZero();
  }

  /** Upgrades of policies and administrators throw out what they do not know. */
  @Tag("attack")
  @Test
  void a_profile_that_the_kernel_lost_is_loaded_again() throws IOException {
    AppArmor appArmor = new AppArmor(places, Optional.of(loading()));
    appArmor.install();
    assertThat(calls()).isEqualTo(1);
    appArmor.ensureLoaded();
    assertThat(calls()).isEqualTo(1);
    Files.writeString(profiles(), "hanse-default-other (enforce)\nman_groff (enforce)\n");
    appArmor.ensureLoaded();
    assertThat(calls()).isEqualTo(2);
    assertThat(Files.readString(host.resolve("calls"))).startsWith("--skip-cache --replace\n");
    assertThat(Files.readString(host.resolve("text"))).contains("profile hanse-default flags=");
  }

  /** Nothing is started without the profile that it should have. */
  @Tag("attack")
  @Test
  void a_profile_that_cannot_be_loaded_is_a_fault_with_the_parsers_words() throws IOException {
    AppArmor appArmor =
        new AppArmor(places, Optional.of(parser("echo 'syntax error, line 3' >&2; exit 1\n")));
    assertThatThrownBy(appArmor::ensureLoaded)
        .isInstanceOfSatisfying(
            RuntimeFault.class,
            fault -> assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.START_FAILED))
        .hasMessage(
            "AppArmor enabled on system but the hanse-default profile could not be loaded:"
                + " syntax error, line 3");
  }

  @Test
  void an_administrators_own_profile_stays() throws IOException {
    Files.writeString(places.policies().resolve("hanse-default"), "profile hanse-default {}\n");
    Files.writeString(profiles(), "hanse-default (complain)\n");
    new AppArmor(places, Optional.of(loading())).install();
    assertThat(calls()).isZero();
  }

  @Test
  void the_daemons_own_profile_may_signal_and_cannot_change_the_text() throws IOException {
    AppArmor appArmor = new AppArmor(places, Optional.of(loading()));
    Files.writeString(places.ownLabel(), "/usr/lib/hanse (enforce)\n");
    appArmor.install();
    assertThat(Files.readString(host.resolve("text")))
        .contains("signal (receive) peer=\"/usr/lib/hanse\",");
    Files.writeString(places.ownLabel(), "x\", mount, \" (enforce)\n");
    appArmor.install();
    assertThat(Files.readString(host.resolve("text")))
        .contains("signal (receive) peer=\"unconfined\",")
        .doesNotContain(" mount, \"");
  }

  /** The real parser, without the kernel. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_text_is_correct(boolean interfaceVersion) throws Exception {
    Path parser = Programs.find("apparmor_parser").orElseThrow();
    Process check =
        new ProcessBuilder(parser.toString(), "--skip-kernel-load", "--skip-cache")
            .redirectErrorStream(true)
            .start();
    try (var input = check.outputWriter(StandardCharsets.UTF_8)) {
      input.write(AppArmorProfile.text("/usr/bin/hanse", interfaceVersion));
    }
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(check.exitValue()).as(said).isZero();
  }
}
