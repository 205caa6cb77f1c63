package dev.hanse.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.StoreSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code hanse cluster} answers where no daemon is needed. */
final class ClusterCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path directory;

  private int run(String... arguments) {
    CommandLine commandLine = new CommandLine(new ClusterCommand());
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    commandLine.setExecutionExceptionHandler(
        (fault, line, parsed) -> {
          line.getErr().println(fault.getMessage());
          return 1;
        });
    return commandLine.execute(arguments);
  }

  private String file(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes).toString();
  }

  private String passphraseFile() throws IOException {
    return file("passphrase", "correct horse battery\n".getBytes(StandardCharsets.UTF_8));
  }

  /** With the cost that the program takes, so that this is tried in a small heap, too. */
  private String snapshot() throws IOException {
    Node manager = Node.newBuilder().setId("n1").setRole(NodeRole.MANAGER).build();
    Node worker = Node.newBuilder().setId("n2").build();
    StoreSnapshot.Builder state = StoreSnapshot.newBuilder().addNodes(manager).addNodes(worker);
    state.addClustersBuilder().setId("tvkcluster");
    state.addServicesBuilder().setId("s1");
    state.addSecretsBuilder().setId("x1");
    Secret secret = new Secret.Passphrase(ByteString.copyFromUtf8("correct horse battery"));
    Header header =
        new Header(
            "tvkcluster",
            Instant.parse("2026-11-21T16:00:00Z"),
            4711,
            KeyDerivation.fresh(secret, new SecureRandom()),
            Header.FRAME_BYTES);
    Path file = directory.resolve("saved");
    try (OutputStream target = Files.newOutputStream(file);
        SnapshotWriter writer =
            new SnapshotWriter(target, header, header.derivation().derive(secret))) {
      state.build().writeTo(writer);
    }
    return file.toString();
  }

  @Test
  void without_its_key_a_snapshot_tells_whose_it_is_and_that_it_is_whole() throws Exception {
    assertThat(run("snapshot", "inspect", snapshot())).isZero();
    assertThat(out.toString())
        .contains("tvkcluster", "2026-11-21T16:00:00Z", "4711", "whole")
        .contains("with a passphrase (scrypt, N = 2^16, r = 8, p = 2)")
        .contains("give --passphrase-file or --key-file to see them")
        .doesNotContain("services");
  }

  @Test
  void with_its_key_it_tells_what_it_holds() throws Exception {
    assertThat(run("snapshot", "inspect", "--passphrase-file", passphraseFile(), snapshot()))
        .isZero();
    assertThat(out.toString().lines())
        .contains("nodes       2", "services    1", "secrets     1", "configs     0")
        .contains("managers    n1");
  }

  @Test
  void what_is_wrong_with_a_file_is_said_in_words() throws Exception {
    String wrong = file("wrong", "another passphrase".getBytes(StandardCharsets.UTF_8));
    assertThat(run("snapshot", "inspect", "--passphrase-file", wrong, snapshot())).isEqualTo(1);
    assertThat(run("snapshot", "inspect", wrong)).isEqualTo(1);
    String key = file("key", new byte[32]);
    assertThat(run("snapshot", "inspect", "--key-file", key, snapshot())).isEqualTo(1);
    assertThat(run("snapshot", "inspect", "--key-file", key, "--passphrase-file", key, snapshot()))
        .isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "wrong passphrase for this snapshot",
            "this is no snapshot of a cluster",
            "this snapshot was saved with a passphrase, not with a key file: give"
                + " --passphrase-file",
            "give --passphrase-file or --key-file, not both");
  }

  @Test
  void what_cannot_be_saved_is_refused_before_anything_is_asked() throws Exception {
    String existing = file("existing", new byte[0]);
    String nobody = "unix://" + directory.resolve("nobody.sock");
    assertThat(run("snapshot", "save", existing)).isEqualTo(1);
    assertThat(run("snapshot", "save", "-H", nobody, directory.resolve("new").toString()))
        .isEqualTo(1);
    assertThat(run("snapshot", "save", "-H", "tcp://h:2375", directory.resolve("new").toString()))
        .isEqualTo(1);
    String silent = file("silent.sock", new byte[0]);
    assertThat(
            run("snapshot", "save", "-H", "unix://" + silent, directory.resolve("new").toString()))
        .isEqualTo(1);
    assertThat(err.toString())
        .contains("existing exists; another name, or --force to replace it")
        .contains("no daemon at " + directory.resolve("nobody.sock"))
        .contains("tcp://h:2375: this goes over the daemon's unix socket only (unix:///PATH)")
        .contains("is always locked: give --passphrase-file FILE or --key-file FILE");
    assertThat(directory.resolve("new")).doesNotExist();
  }

  @Test
  void a_manager_has_its_port_even_if_nobody_names_it() {
    assertThat(ClusterCommand.withPort("10.0.0.9")).isEqualTo("10.0.0.9:2377");
    assertThat(ClusterCommand.withPort("10.0.0.9:2400")).isEqualTo("10.0.0.9:2400");
  }

  @Test
  void every_command_has_its_help() {
    assertThat(run("snapshot", "--help")).isZero();
    assertThat(out.toString()).contains("save", "inspect", "restore");
    assertThat(run("snapshot", "restore", "--help")).isZero();
    assertThat(out.toString()).contains("--advertise-addr", "reconnect");
    assertThat(run("--help")).isZero();
  }
}
