package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code docker swarm update --autolock}, {@code unlock} and {@code unlock-key}. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LockingTest {
  private static final List<String> MANAGERS = List.of("host1", "host2");
  private static final String LOCKED =
      "Swarm is encrypted and needs to be unlocked before it can be used.";

  private OwnLab own;
  private Lab lab;
  private DockerCommand docker;

  @BeforeAll
  void make() {
    own = OwnLab.of("locking", 2, 1);
    lab = own.lab();
    docker = own.docker();
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  @Test
  void a_locked_manager_waits_for_its_key_and_its_containers_go_on() throws Exception {
    List<String> before = containers();
    switchOff();
    String told = docker.run("swarm", "update", "--autolock=true");
    String key = docker.run("swarm", "unlock-key", "-q");
    assertThat(told).contains("To unlock a swarm manager after it restarts", key);
    awaitLocked(key, Optional.empty());
    lab.restart("host1");
    assertThat(docker.refused("node", "ls")).contains(LOCKED, "docker swarm unlock");
    assertThat(docker.run("info")).contains("Swarm: locked");
    assertThat(containers()).isEqualTo(before);
    assertThat(unlock("host1", another(key)).err())
        .contains("swarm could not be unlocked: invalid key provided");
    assertThat(unlock("host1", "SWMKEY-1-nonsense").err()).contains("invalid key string");
    assertThat(docker.run("info")).contains("Swarm: locked");
    assertUnlocks("host1", key);
    awaitWhole();
    assertThat(unlock("host1", key).err()).contains("swarm is not locked");

    switchOff();
    lab.restart("host1");
    awaitWhole();
    assertThat(containers()).isEqualTo(before);
  }

  @Test
  void a_new_key_takes_the_place_of_the_old_one_on_all_managers() throws Exception {
    List<String> before = containers();
    docker.run("swarm", "update", "--autolock=true");
    String old = docker.run("swarm", "unlock-key", "-q");
    awaitLocked(old, Optional.empty());
    String key = docker.run("swarm", "unlock-key", "--rotate", "-q");
    assertThat(key).startsWith("SWMKEY-1-").isNotEqualTo(old);
    awaitLocked(key, Optional.of(old));
    for (String manager : MANAGERS) {
      lab.restart(manager);
      assertThat(unlock(manager, old).err()).contains("invalid key provided");
      assertUnlocks(manager, key);
      awaitWhole();
    }
    assertThat(containers()).isEqualTo(before);
  }

  @Test
  void locked_managers_whose_certificates_expired_come_back_by_their_key() throws Exception {
    List<String> before = containers();
    docker.run("swarm", "update", "--autolock=true");
    String key = docker.run("swarm", "unlock-key", "-q");
    awaitLocked(key, Optional.empty());
    List<String> all = lab.hosts().stream().map(HostState::name).toList();
    all.forEach(lab::kill);
    Certificate.expire(lab, all, Optional.of(UnlockKey.parse(key)));
    all.forEach(lab::restart);
    for (String manager : MANAGERS) {
      assertThat(new DockerCommand(lab, manager).run("info")).contains("Swarm: locked");
      assertThat(unlock(manager, another(key)).err()).contains("invalid key provided");
      assertUnlocks(manager, key);
    }
    awaitWhole();
    // What was written meanwhile is locked like before.
    awaitLocked(key, Optional.empty());
    assertThat(containers()).isEqualTo(before);
  }

  /** From now on restarts take no key, whatever an earlier story has left. */
  private void switchOff() {
    docker.run("swarm", "update", "--autolock=false");
    for (String manager : MANAGERS) {
      eventually(() -> assertThat(Certificate.of(lab, manager).isOpen()).isTrue());
    }
  }

  private void awaitLocked(String key, Optional<String> former) throws IdentityException {
    UnlockKey wanted = UnlockKey.parse(key);
    Optional<UnlockKey> unwanted =
        former.isEmpty() ? Optional.empty() : Optional.of(UnlockKey.parse(former.get()));
    for (String manager : MANAGERS) {
      eventually(
          () ->
              assertThat(Certificate.of(lab, manager).isLockedWith(wanted, unwanted))
                  .as(manager)
                  .isTrue());
    }
  }

  /** A key of the right form that opens nothing. */
  private static String another(String key) {
    int last = key.length() - 2;
    return key.substring(0, last) + (key.charAt(last) == 'A' ? 'B' : 'A') + key.substring(last + 1);
  }

  private DockerCommand.Result unlock(String host, String key) {
    return new DockerCommand(lab, host)
        .run(List.of("sh", "-c", "echo \"$1\" | docker swarm unlock", "sh", key));
  }

  private void assertUnlocks(String host, String key) {
    DockerCommand.Result result = unlock(host, key);
    assertThat(result.status()).as(result.err()).isZero();
  }

  /** Every manager tells that all nodes are ready and both managers reachable. */
  private void awaitWhole() {
    for (String manager : MANAGERS) {
      DockerCommand asked = new DockerCommand(lab, manager);
      eventually(
          () ->
              assertThat(
                      asked
                          .attempt("node", "ls", "--format", "{{.Status}} {{.ManagerStatus}}")
                          .lines())
                  .as(manager)
                  .containsExactlyInAnyOrder("Ready Leader", "Ready Reachable", "Ready "));
    }
  }

  /** Id, process and start of every container of the lab. */
  private List<String> containers() throws IOException {
    List<String> all = new ArrayList<>();
    for (HostState host : lab.hosts()) {
      DockerCommand asked = new DockerCommand(lab, host.name());
      for (String id : asked.run("ps", "-q", "--no-trunc").lines().sorted().toList()) {
        all.add(asked.run("inspect", "-f", "{{.Id}} {{.State.Pid}} {{.State.StartedAt}}", id));
      }
    }
    assertThat(all).hasSize(3);
    return all;
  }
}
