package dev.hanse.raft;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.raft.TestCluster.Node;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.log.SnapshotPolicy;
import dev.hanse.raft.peer.RatisTuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several members: who leads, who belongs to it, and what survives. */
final class ClusterTest {
  @TempDir Path directory;

  @Test
  void threeMembersHoldTheSameEntriesAndKnowEachOther() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      List<CompletableFuture<Long>> proposals = new ArrayList<>();
      Node leader = cluster.leader();
      for (int i = 0; i < 300; i++) {
        proposals.add(leader.log().propose(TestCluster.bytes("entry " + i)));
      }
      long previous = -1;
      for (CompletableFuture<Long> proposal : proposals) {
        long index = proposal.get(60, SECONDS);
        assertThat(index).isGreaterThan(previous);
        previous = index;
      }
      cluster.awaitAll("entry 299");
      assertThat(leader.state().entries()).hasSize(300);
      for (Node node : cluster.running()) {
        assertThat(node.log().leader()).contains(leader.id);
        assertThat(node.state().knownLeader()).contains(leader.id);
        assertThat(node.log().members())
            .extracting(Member::nodeId)
            .containsExactlyInAnyOrder("m1", "m2", "m3");
      }
      Node follower = cluster.follower();
      assertThat(follower.log().propose(TestCluster.bytes("no")))
          .failsWithin(java.time.Duration.ofSeconds(5))
          .withThrowableThat()
          .withCauseInstanceOf(LogUnavailableException.class)
          .withMessageContaining("does not lead");
    }
  }

  @Test
  void aKilledLeaderIsReplacedAndComesBack() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      for (int round = 1; round <= 3; round++) {
        cluster.write("before " + round);
        Node killed = cluster.leader();
        killed.kill();
        cluster.write("after " + round);
        assertThat(cluster.leader()).isNotSameAs(killed);
        killed.start();
        cluster.write("back " + round);
        cluster.awaitAll("back " + round);
      }
      assertThat(cluster.leader().state().entries()).contains("before 1", "after 1", "before 3");
    }
  }

  /** As on a machine that has much else to do: late by more than an election timeout. */
  @Test
  void aLeaderThatIsLateGoesOn() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("before");
      Node leader = cluster.leader();
      int changes = leader.state().leadershipChanges();
      cluster.network().late(leader.id, 2 * RatisTuning.ELECTION_MS_MAX);
      for (int i = 1; i <= 3; i++) {
        leader.log().propose(TestCluster.bytes("late " + i)).get(60, SECONDS);
      }
      cluster.network().late("", 0);
      cluster.write("after");
      cluster.awaitAll("after");
      assertThat(leader.log().isLeader()).isTrue();
      assertThat(leader.state().leadershipChanges()).isEqualTo(changes);
    }
  }

  @Test
  void aLeaderWithoutMajorityRefusesAndAnotherTakesOver() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("before");
      Node old = cluster.leader();
      cluster.network().cutOff(Set.of(old.id));
      CompletableFuture<Long> lost = old.log().propose(TestCluster.bytes("lost?"));
      ExecutionException refused =
          org.junit.jupiter.api.Assertions.assertThrows(
              ExecutionException.class, () -> lost.get(30, SECONDS));
      assertThat(refused)
          .hasCauseInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("too few managers");
      Await.until("it leads no more", () -> !old.log().isLeader());
      assertThat(old.state().leader()).isFalse();
      Await.until("and knows no leader", () -> old.log().leader().isEmpty());
      cluster.write("after");
      cluster.network().heal();
      cluster.write("healed");
      cluster.awaitAll("healed");
      Await.until(
          "it knows the new leader",
          () -> old.log().leader().equals(Optional.of(cluster.leader().id)));
    }
  }

  @Test
  void anEntryOfAnEarlierTermIsRefusedAlsoByTheSameLeader() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("before");
      Node leader = cluster.leader();
      ReplicatedLog.Line line = leader.log().line(leader.state().term());
      assertThat(line.propose(TestCluster.bytes("in time")).get(60, SECONDS)).isPositive();
      Node other = leader;
      while (other == leader) {
        leader.log().transferLeadership().get(30, SECONDS);
        other = cluster.leader();
      }
      while (cluster.leader() != leader) {
        cluster.leader().log().transferLeadership().get(30, SECONDS);
      }
      ReplicatedLog.Line next = leader.log().line(leader.state().term());
      assertThat(line.propose(TestCluster.bytes("too late")))
          .failsWithin(java.time.Duration.ofSeconds(5))
          .withThrowableThat()
          .withCauseInstanceOf(LogUnavailableException.class)
          .withMessageContaining("the leader has changed");
      assertThat(next.propose(TestCluster.bytes("next")).get(60, SECONDS)).isPositive();
      cluster.awaitAll("next");
      assertThat(leader.state().entries()).containsExactly("before", "in time", "next");
    }
  }

  @Test
  void leadershipIsHandedOver() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("before");
      Node old = cluster.leader();
      old.log().transferLeadership().get(30, SECONDS);
      assertThat(old.log().isLeader()).isFalse();
      cluster.write("after");
      assertThat(cluster.leader()).isNotSameAs(old);
      cluster.awaitAll("after");
      assertThat(old.log().transferLeadership()).succeedsWithin(java.time.Duration.ofSeconds(5));
    }
  }

  @Test
  void aMemberThatWasAwayForLongGetsASnapshot() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory, new SnapshotPolicy(200, 0))) {
      cluster.write("first");
      Node away = cluster.follower();
      away.kill();
      Node leader = cluster.leader();
      List<CompletableFuture<Long>> proposals = new ArrayList<>();
      // More than one segment, so that the first is dropped, and a snapshot of several pieces.
      for (int i = 0; i < 2_000; i++) {
        proposals.add(leader.log().propose(TestCluster.bytes(i + " " + "x".repeat(4_000))));
      }
      for (CompletableFuture<Long> proposal : proposals) {
        proposal.get(60, SECONDS);
      }
      away.start();
      cluster.write("last");
      cluster.awaitAll("last");
      assertThat(away.state().restoredFrom()).isGreaterThan(1_000);
      away.kill();
      away.start();
      cluster.awaitAll("last");
      Node late = cluster.join("m4");
      cluster.write("with four");
      cluster.awaitAll("with four");
      assertThat(late.state().restoredFrom()).isGreaterThan(1_000);
    }
  }

  @Test
  void aMemberIsRemovedAndTheOthersGoOn() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("before");
      Node leader = cluster.leader();
      Node removed = cluster.follower();
      leader.log().removeMember(removed.id).get(30, SECONDS);
      assertThat(leader.log().members()).extracting(Member::nodeId).doesNotContain(removed.id);
      leader.log().removeMember(removed.id).get(30, SECONDS);
      Await.until("the removed one knows no leader", () -> removed.log().leader().isEmpty());
      cluster.write("after");
      assertThat(leader.log().isLeader()).isTrue();
      assertThat(leader.log().removeMember(leader.id))
          .failsWithin(java.time.Duration.ofSeconds(5))
          .withThrowableThat()
          .withMessageContaining("cannot remove itself");
      removed.kill();
      Node other = cluster.follower();
      leader.log().removeMember(other.id).get(30, SECONDS);
      other.kill();
      cluster.write("alone");
      cluster.awaitAll("alone");
    }
  }

  @Test
  void aMemberThatComesBackElsewhereIsFound() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("before");
      Node moved = cluster.follower();
      moved.kill();
      moved.moveTo("elsewhere:2377");
      moved.start();
      cluster.write("after");
      cluster.awaitAll("after");
      for (Node node : cluster.running()) {
        Await.until(
            node.id + " has the address", () -> node.log().members().contains(moved.self()));
      }
      Node leader = cluster.leader();
      leader.log().addMember(moved.self()).get(30, SECONDS);
      Node joined = cluster.join("m4");
      for (Node node : cluster.running()) {
        Await.until(node.id + " knows all", () -> node.log().members().contains(joined.self()));
        assertThat(node.log().members()).hasSize(4).contains(moved.self());
      }
    }
  }

  @Test
  void aRemovedMemberIsTakenInAgainWithItsLog() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("before");
      cluster.awaitAll("before");
      Node removed = cluster.follower();
      for (int round = 1; round <= 3; round++) {
        cluster.leader().log().removeMember(removed.id).get(30, SECONDS);
        Await.until("the removed one knows no leader", () -> removed.log().leader().isEmpty());
        cluster.write("without it " + round);
        if (round == 3) {
          removed.kill();
        }
        cluster.takeIn(removed, LogSettings.Start.RESUME_OR_FOUND);
        cluster.write("with it " + round);
        cluster.awaitAll("with it " + round);
        assertThat(removed.log().leader()).isPresent();
      }
      assertThat(removed.state().entries()).hasSize(7);
      // It counts: with one of the others away, it makes the majority.
      cluster.running().stream().filter(node -> node != removed).findFirst().orElseThrow().kill();
      cluster.write("as a voter");
      cluster.awaitAll("as a voter");
    }
  }

  @Test
  void aNewMemberThatDoesNotAnswerIsGivenUp() throws Exception {
    try (TestCluster cluster = TestCluster.of(1, directory)) {
      Node leader = cluster.leader();
      assertThat(leader.log().addMember(new Member("nobody", "nowhere:2377")))
          .failsWithin(java.time.Duration.ofSeconds(60))
          .withThrowableThat()
          .withCauseInstanceOf(LogUnavailableException.class)
          .withMessageContaining("does not answer");
      cluster.write("still");
      assertThat(leader.log().members()).containsExactly(leader.self());
    }
  }
}
