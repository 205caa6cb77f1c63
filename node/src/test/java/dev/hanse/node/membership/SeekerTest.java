package dev.hanse.node.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.health.Health;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.model.NodeSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SeekerTest {
  private static final String TOKEN =
      "SWMTKN-1-2b99248ljd01g6fzuzcxafg6fy6hakgtptluhz1ueh1mvf7bi7-ead2zrbjagoz432sboc80duwd";

  /** What a round of asking comes to. */
  private final BlockingQueue<Optional<SwarmRefusal>> rounds = new LinkedBlockingQueue<>();

  private final CompletableFuture<SwarmRefusal> refused = new CompletableFuture<>();

  private final Seeker.Outcome outcome =
      new Seeker.Outcome() {
        @Override
        public void admitted(Seeker seeker, NodeIdentity identity) {
          refused.completeExceptionally(new AssertionError("nobody admits"));
        }

        @Override
        public void refused(Seeker seeker, SwarmRefusal refusal) {
          refused.complete(refusal);
        }
      };

  private Optional<NodeIdentity> ask() throws SwarmRefusal {
    try {
      Optional<SwarmRefusal> round = rounds.take();
      if (round.isPresent()) {
        throw round.get();
      }
      return Optional.empty();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Test
  void goes_on_until_a_manager_says_no() throws Exception {
    try (Seeker seeker = new Seeker(new Health(), this::ask, Duration.ofMillis(1))) {
      seeker.start(outcome);
      rounds.put(Optional.empty());
      rounds.put(Optional.of(new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "refused")));
      rounds.put(Optional.empty());
      rounds.put(Optional.of(new SwarmRefusal(SwarmRefusal.Kind.INVALID, "bad token")));
      assertThat(refused.get(20, TimeUnit.SECONDS)).hasMessage("bad token");
      assertThat(rounds).isEmpty();
    }
  }

  @Test
  @Tag("attack")
  void whatever_a_round_throws_the_next_follows() throws Exception {
    Iterator<Error> faults =
        List.<Error>of(new StackOverflowError(), new AssertionError()).iterator();
    try (Seeker seeker =
        new Seeker(
            new Health(),
            () -> {
              if (faults.hasNext()) {
                throw faults.next();
              }
              return ask();
            },
            Duration.ofMillis(1))) {
      seeker.start(outcome);
      rounds.put(Optional.of(new SwarmRefusal(SwarmRefusal.Kind.INVALID, "bad token")));
      assertThat(refused.get(20, TimeUnit.SECONDS)).hasMessage("bad token");
    }
  }

  @Test
  void a_node_that_seeks_is_pending() throws Exception {
    try (Seeker seeker = new Seeker(new Health(), this::ask, Duration.ofMillis(1))) {
      assertThat(new Standing.Seeking(seeker).state(false).status())
          .isEqualTo(LocalState.Status.PENDING);
    }
  }

  @Test
  void a_manager_that_does_not_answer_may_be_asked_again_and_one_that_is_not_there_not()
      throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      assertThat(Admission.enroll(joining(silent.getLocalPort()), InstantSource.system()))
          .isEmpty();
      int port = silent.getLocalPort();
      silent.close();
      assertThatThrownBy(() -> Admission.enroll(joining(port), InstantSource.system()))
          .isInstanceOfSatisfying(
              SwarmRefusal.class,
              refusal -> assertThat(refusal.kind()).isEqualTo(SwarmRefusal.Kind.UNAVAILABLE));
    }
  }

  /** Nor is one whose host lets no connection through: its limit is the other one. */
  @Test
  void a_manager_that_cannot_be_connected_to_may_be_asked_again() throws Exception {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = connected(full);
        Socket second = connected(full)) {
      assertThat(List.of(first, second)).allMatch(Socket::isConnected);
      assertThat(Admission.enroll(joining(full.getLocalPort()), InstantSource.system())).isEmpty();
    }
  }

  /** Takes a place in the queue of those that nobody accepts. */
  private static Socket connected(ServerSocket listener) throws IOException {
    return new Socket(listener.getInetAddress(), listener.getLocalPort());
  }

  private static JoinRequest joining(int port) {
    return new JoinRequest(
        "0.0.0.0:2377", "", "", List.of("127.0.0.1:" + port), TOKEN, NodeSpec.Availability.ACTIVE);
  }
}
