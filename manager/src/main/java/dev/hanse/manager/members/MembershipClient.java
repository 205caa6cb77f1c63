package dev.hanse.manager.members;

import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.StatusText;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.model.JoinRequest;
import dev.hanse.model.LeaveRequest;
import dev.hanse.model.RaftMember;
import dev.hanse.model.RaftMembershipGrpc;
import dev.hanse.model.RaftMembershipGrpc.RaftMembershipBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other managers to take this one in, to note its new address, or to let it go. Any of
 * them may be asked; they pass it on to the leader.
 */
public final class MembershipClient {
  private static final Logger logger = LoggerFactory.getLogger(MembershipClient.class);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final TlsCredentials credentials;
  private final Supplier<List<String>> managers;

  /**
   * A client that shows the node's certificate.
   *
   * @param managers "HOST:PORT" of the other managers, the best first; asked anew in each round
   */
  public MembershipClient(TlsCredentials credentials, Supplier<List<String>> managers) {
    this.credentials = credentials;
    this.managers = managers;
  }

  /**
   * Becomes a member, or changes the address if it is one; returns when the leader counts on it.
   * The node must be able to answer at the address by now.
   *
   * @param address "HOST:PORT" at which the others reach this node
   * @param limit for how long to try again while nobody answers or nobody leads
   * @throws MembershipException with the leader's words
   */
  public void join(String address, Duration limit)
      throws MembershipException, InterruptedException {
    JoinRequest request = JoinRequest.newBuilder().setAddr(address).build();
    ask(limit, stub -> stub.join(request));
  }

  /**
   * Ceases to be a member; returns when the leader has taken it out.
   *
   * @throws MembershipException with the leader's words, for example since too few would be left
   */
  public void leave(Duration limit) throws MembershipException, InterruptedException {
    LeaveRequest request =
        LeaveRequest.newBuilder()
            .setNode(RaftMember.newBuilder().setNodeId(credentials.identity().nodeId()))
            .build();
    ask(limit, stub -> stub.leave(request));
  }

  private void ask(Duration limit, Consumer<RaftMembershipBlockingStub> question)
      throws MembershipException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    String last = "no other manager is known";
    while (true) {
      for (String manager : managers.get()) {
        long left = deadline - System.nanoTime();
        ManagedChannel channel = ManagerChannel.open(manager, credentials);
        try {
          question.accept(
              RaftMembershipGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(Math.max(left, 0), TimeUnit.NANOSECONDS));
          return;
        } catch (StatusRuntimeException e) {
          last = StatusText.of(e.getStatus());
          if (!mayPass(e.getStatus().getCode())) {
            throw new MembershipException(true, last);
          }
          logger.debug("manager {}: {}", manager, last);
        } finally {
          channel.shutdownNow();
        }
      }
      if (deadline - System.nanoTime() <= PAUSE.toNanos()) {
        throw new MembershipException(false, last);
      }
      Thread.sleep(PAUSE);
    }
  }

  private static boolean mayPass(Status.Code code) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CANCELLED, RESOURCE_EXHAUSTED, INTERNAL -> true;
      case OK,
          UNKNOWN,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          DATA_LOSS,
          UNAUTHENTICATED ->
          false;
    };
  }
}
