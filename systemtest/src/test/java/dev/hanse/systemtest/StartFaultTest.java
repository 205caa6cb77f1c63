package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.lab.Distribution;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabException;
import dev.hanse.lab.LabPlan;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starting, joining and leaving when something is in the way. */
@Tag("system")
class StartFaultTest {
  @TempDir Path directory;
  private OwnLab own;
  private Lab lab;
  private DockerCommand first;
  private DockerCommand second;

  @BeforeEach
  void make() {
    own = OwnLab.of(LabPlan.of(SharedLab.name("starts"), 1, 1).withoutSwarm());
    lab = own.lab();
    first = new DockerCommand(lab, "host1");
    second = new DockerCommand(lab, "host2");
  }

  @AfterEach
  void take_down() {
    own.close();
  }

  @Test
  void a_wrong_an_old_and_a_foreign_token_are_refused() {
    initialise();
    String good = first.run("swarm", "join-token", "-q", "worker");
    String[] parts = good.split("-");
    assertThat(join("nonsense")).contains("invalid join token");
    // The digest is right and the secret is not: the manager refuses and tells nothing.
    String wrongSecret =
        String.join("-", parts[0], parts[1], parts[2], "0".repeat(parts[3].length()));
    assertThat(join(wrongSecret)).isNotEmpty().doesNotContain(parts[3]);
    // Another cluster's digest: the certificate of this manager does not match.
    String foreign = String.join("-", parts[0], parts[1], "1".repeat(parts[2].length()), parts[3]);
    assertThat(join(foreign)).contains("remote CA does not match fingerprint");
    first.run("swarm", "join-token", "--rotate", "-q", "worker");
    assertThat(join(good)).isNotEmpty();
    assertThat(first.run("node", "ls", "-q").lines()).hasSize(1);
    String fresh = first.run("swarm", "join-token", "-q", "worker");
    second.run("swarm", "join", "--token", fresh, address());
    assertThat(first.run("node", "ls", "-q").lines()).hasSize(2);
  }

  @Test
  void a_worker_leaves_is_down_and_can_be_removed_and_join_again() {
    initialise();
    String token = first.run("swarm", "join-token", "-q", "worker");
    second.run("swarm", "join", "--token", token, address());
    assertThat(first.refused("node", "rm", "host2")).contains("is not down and can't be removed");
    second.run("swarm", "leave");
    eventually(
        () ->
            assertThat(first.run("node", "inspect", "-f", "{{.Status.State}}", "host2"))
                .isEqualTo("down"));
    first.run("node", "rm", "host2");
    second.run("swarm", "join", "--token", token, address());
    eventually(
        () ->
            assertThat(first.run("node", "inspect", "-f", "{{.Status.State}}", "host2"))
                .isEqualTo("ready"));
  }

  @Test
  void the_last_manager_leaves_with_force_and_starts_anew() {
    initialise();
    first.create("--name", "web", SharedLab.IMAGE);
    first.run("swarm", "leave", "--force");
    assertThat(first.run("info", "-f", "{{.Swarm.LocalNodeState}}")).isEqualTo("inactive");
    assertThat(first.refused("service", "ls")).contains("This node is not a swarm manager.");
    eventually(() -> assertThat(first.run("ps", "-aq")).isEmpty());
    initialise();
    assertThat(first.run("service", "ls", "-q")).isEmpty();
  }

  @Test
  void plain_text_on_the_managers_port_gets_nothing() throws IOException {
    initialise();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(lab.host("host1").address(), 2377), 3000);
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(1024);
      assertThat(new String(answer, StandardCharsets.ISO_8859_1))
          .doesNotContain("HTTP/1", "hanse", "Exception");
    }
    assertThat(first.run("node", "ls", "-q").lines()).hasSize(1);
  }

  @Test
  void a_taken_port_2377_is_told() throws Exception {
    Process thief =
        lab.command("host1", List.of("socat", "TCP4-LISTEN:2377,fork", "EXEC:true")).start();
    try {
      eventually(
          () ->
              assertThat(
                      first
                          .run(List.of("sh", "-c", "grep -c ':0949 ' /proc/net/tcp"))
                          .out()
                          .strip())
                  .isEqualTo("1"));
      assertThat(first.refused("swarm", "init", "--advertise-addr", lab.host("host1").address()))
          .contains("2377")
          .containsIgnoringCase("in use");
      assertThat(first.run("info", "-f", "{{.Swarm.LocalNodeState}}")).isEqualTo("inactive");
    } finally {
      thief.destroy();
      assertThat(thief.waitFor()).isNotNegative();
    }
    initialise();
  }

  @Test
  void a_taken_vxlan_port_is_told_with_the_task_or_the_init() throws Exception {
    Process thief =
        lab.command("host1", List.of("socat", "-u", "UDP4-RECV:4789", "OPEN:/dev/null")).start();
    try {
      eventually(
          () ->
              assertThat(
                      first
                          .run(List.of("sh", "-c", "grep -c ':12B5 ' /proc/net/udp"))
                          .out()
                          .strip())
                  .isEqualTo("1"));
      DockerCommand.Result result =
          first.attempt("swarm", "init", "--advertise-addr", lab.host("host1").address());
      if (result.status() == 0) {
        first.run(
            "service", "create", "--detach", "--name", "web", "-p", "8080:80", SharedLab.IMAGE);
        eventually(
            () ->
                assertThat(first.run("service", "ps", "--no-trunc", "web"))
                    .containsIgnoringCase("in use"));
      } else {
        assertThat(result.err()).contains("4789");
      }
    } finally {
      thief.destroy();
      assertThat(thief.waitFor()).isNotNegative();
    }
  }

  @Test
  void without_containerd_the_daemon_says_what_is_missing() throws IOException {
    Path program = Path.of("/usr/bin/containerd").toRealPath();
    Path elsewhere = directory.resolve("daemon");
    // In a mount namespace of its own the program is no program; the host has a daemon already.
    String script = "mount --bind /dev/null \"$1\" && shift && exec \"$@\"";
    List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--net"));
    command.addAll(List.of("sh", "-c", script, "sh"));
    command.addAll(List.of(program.toString(), Distribution.launcher().toString(), "daemon"));
    command.addAll(List.of("--containerd", "private", "--hostname", "bare"));
    command.addAll(List.of("--data-root", elsewhere.resolve("data").toString()));
    command.addAll(List.of("--exec-root", elsewhere.resolve("run").toString()));
    command.addAll(List.of("--pidfile", elsewhere.resolve("pid").toString()));
    command.addAll(List.of("--host", "unix://" + elsewhere.resolve("docker.sock")));
    DockerCommand.Result result = second.run(command);
    assertThat(result.status()).isNotZero();
    assertThat(result.out() + result.err())
        .contains("containerd is not installed", "apt-get install containerd");
  }

  @Test
  void a_torn_last_record_of_the_log_is_cut_and_other_damage_stops_the_start() throws IOException {
    initialise();
    first.run(
        "service", "create", "--detach", "--name", "kept", "--replicas", "0", SharedLab.IMAGE);
    lab.kill("host1");
    tear(newestLogFile());
    lab.restart("host1");
    eventually(
        () ->
            assertThat(first.attempt("service", "ls", "--format", "{{.Name}}").out().strip())
                .isEqualTo("kept"));

    lab.kill("host1");
    Path damaged = newestLogFile();
    byte[] bytes = Files.readAllBytes(damaged);
    for (int at = bytes.length / 3; at < bytes.length / 3 + 8; at++) {
      bytes[at] ^= 0x5a;
    }
    Files.write(damaged, bytes);
    assertThatThrownBy(() -> lab.restart("host1"))
        .isInstanceOf(LabException.class)
        .hasMessageContaining(String.valueOf(damaged.getFileName()));
  }

  @Test
  void a_full_disk_refuses_writes_clearly_and_loses_nothing() throws Exception {
    // The data directory of a third daemon is a file system of its own that is too small.
    lab.powerOff("host1");
    Path data = lab.host("host1").dataRoot();
    assertThat(
            first
                .run(List.of("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", data.toString()))
                .status())
        .isZero();
    lab.restart("host1");
    initialise();
    first.run(
        "service", "create", "--detach", "--name", "kept", "--replicas", "0", SharedLab.IMAGE);
    Path filler = data.resolve("filler");
    first.run(List.of("dd", "if=/dev/zero", "of=" + filler, "bs=1M"));
    String refusal = null;
    for (int attempt = 0; attempt < 4000 && refusal == null; attempt++) {
      DockerCommand.Result result =
          first.attempt(
              "service",
              "create",
              "--detach",
              "--replicas",
              "0",
              "--label",
              "x=" + "y".repeat(100_000),
              SharedLab.IMAGE);
      if (result.status() != 0) {
        refusal = result.err();
      }
    }
    assertThat(refusal).isNotNull().containsIgnoringCase("space");
    Files.delete(filler);
    // The daemon went on, and writes again as soon as there is space.
    eventually(
        () ->
            assertThat(
                    first
                        .attempt(
                            "service",
                            "create",
                            "--detach",
                            "--name",
                            "after",
                            "--replicas",
                            "0",
                            SharedLab.IMAGE)
                        .err())
                .doesNotContain("Error"));
    lab.kill("host1");
    lab.restart("host1");
    eventually(
        () ->
            assertThat(first.attempt("service", "ls", "--format", "{{.Name}}").lines())
                .contains("kept", "after"));
  }

  private void initialise() {
    first.run("swarm", "init", "--advertise-addr", lab.host("host1").address());
  }

  private String join(String token) {
    return second.refused("swarm", "join", "--token", token, address());
  }

  private String address() {
    return lab.host("host1").address() + ":2377";
  }

  /**
   * Writes the begin of one more entry behind the last: what a power cut leaves of a write that was
   * never acknowledged. The file begins with eight bytes that name its format; an entry is its
   * length as a protobuf number, its bytes and four of a checksum; zeros follow the last.
   */
  private static void tear(Path log) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(log));
    bytes.position(8);
    int end = 8;
    for (int length = number(bytes); length > 0; length = number(bytes)) {
      end = bytes.position() + length + 4;
      bytes.position(end);
    }
    try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {100, 17, 4, 2}), end);
    }
  }

  private static int number(ByteBuffer bytes) {
    int value = 0;
    for (int shift = 0; bytes.hasRemaining(); shift += 7) {
      byte next = bytes.get();
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    return 0;
  }

  /** The last segment of the replicated log. */
  private Path newestLogFile() throws IOException {
    try (Stream<Path> files = Files.walk(lab.host("host1").dataRoot())) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith("log_"))
          .max((a, b) -> Long.compare(a.toFile().lastModified(), b.toFile().lastModified()))
          .orElseThrow(() -> new AssertionError("no log"));
    }
  }
}
