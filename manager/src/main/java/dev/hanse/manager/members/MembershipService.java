package dev.hanse.manager.members;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.ReleaseManager;
import dev.hanse.control.members.RaftIds;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.server.Caller;
import dev.hanse.manager.Answers;
import dev.hanse.manager.Rejections;
import dev.hanse.model.JoinRequest;
import dev.hanse.model.JoinResponse;
import dev.hanse.model.LeaveRequest;
import dev.hanse.model.LeaveResponse;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.RaftMember;
import dev.hanse.model.RaftMembershipGrpc;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On the leader: takes new managers into the group and lets those go that leave the swarm. Each
 * call has a virtual thread that may wait.
 */
public final class MembershipService extends RaftMembershipGrpc.RaftMembershipImplBase {
  private static final Logger logger = LoggerFactory.getLogger(MembershipService.class);

  /** For the new member to get the state, which may be large, over a slow network. */
  private static final Duration CATCH_UP_MAX = Duration.ofMinutes(2);

  private static final Duration FOLLOW_MAX = Duration.ofSeconds(5);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final ReplicatedLog log;
  private final AddressCheck addresses;
  private final RoleManager roles;

  /** Members are added one after the other. */
  private final ReentrantLock adding = new ReentrantLock();

  /**
   * Serves for the time that this manager leads.
   *
   * @param submit the control loop
   * @param credentials shown to the new manager when its address is tried
   */
  public MembershipService(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      ReplicatedLog log,
      TlsCredentials credentials,
      RoleManager roles) {
    this.store = store;
    this.submit = submit;
    this.log = log;
    this.addresses = new AddressCheck(credentials);
    this.roles = roles;
  }

  @Override
  public void join(JoinRequest request, StreamObserver<JoinResponse> observer) {
    Answers.unary(observer, () -> join(Caller.required(), request.getAddr()));
  }

  @Override
  public void leave(LeaveRequest request, StreamObserver<LeaveResponse> observer) {
    Answers.unary(observer, () -> leave(Caller.required(), request.getNode()));
  }

  private JoinResponse join(Caller caller, String requested) {
    Member member = new Member(caller.nodeId(), address(caller, requested));
    requireManager(member.nodeId());
    adding.lock();
    try {
      if (!log.members().contains(member)) {
        addresses.check(member);
        await(log.addMember(member));
        logger.info("node {} at {} is a manager now", member.nodeId(), member.address());
      }
    } finally {
      adding.unlock();
    }
    roles.look();
    awaitState(
        snapshot ->
            node(snapshot, member.nodeId())
                .map(node -> node.getManagerStatus().getAddr().equals(member.address()))
                .orElse(true));
    return response(member.nodeId());
  }

  /** A node that does not know its address sends 0.0.0.0: it is where its call comes from. */
  private static String address(Caller caller, String requested) {
    int colon = requested.lastIndexOf(':');
    try {
      ManagerChannel.socketAddress(requested);
      if (colon <= 0) {
        throw new IllegalArgumentException("no port");
      }
    } catch (IllegalArgumentException e) {
      throw Status.INVALID_ARGUMENT
          .withDescription("invalid address " + requested + " in raft join request")
          .asRuntimeException();
    }
    String host = requested.substring(0, colon);
    return host.equals("0.0.0.0") || host.equals("[::]")
        ? caller
                .remote()
                .map(remote -> remote.getAddress())
                .map(InetAddress::getHostAddress)
                .orElse(host)
            + requested.substring(colon)
        : requested;
  }

  /**
   * A certificate outlives a demotion; the state knows better. A worker's certificate that is under
   * way makes the node throw its log away when it comes: until the node has asked for another one
   * it is not taken in.
   */
  private void requireManager(String nodeId) {
    boolean manager =
        node(store.snapshot(), nodeId)
            .filter(node -> node.getRole() == NodeRole.MANAGER)
            .filter(node -> node.getSpec().getDesiredRole() == NodeRole.MANAGER)
            .filter(node -> node.getCertificate().getRole() == NodeRole.MANAGER)
            .isPresent();
    if (!manager) {
      throw Status.FAILED_PRECONDITION
          .withDescription("node " + nodeId + " is not a manager of this swarm")
          .asRuntimeException();
    }
  }

  private void await(CompletableFuture<Void> change) {
    try {
      change.get(CATCH_UP_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw Status.UNAVAILABLE
          .withDescription(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()))
          .asRuntimeException();
    } catch (TimeoutException e) {
      throw Status.DEADLINE_EXCEEDED
          .withDescription("the new manager did not catch up in " + CATCH_UP_MAX.toSeconds() + " s")
          .asRuntimeException();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.UNAVAILABLE.withDescription("the manager is stopping").asRuntimeException();
    }
  }

  /** The caller goes; only it can say so. Done when the role manager has taken it out. */
  private LeaveResponse leave(Caller caller, RaftMember leaving) {
    String nodeId = caller.nodeId();
    if (!leaving.getNodeId().equals(nodeId)) {
      throw Status.INVALID_ARGUMENT
          .withDescription("no node information provided")
          .asRuntimeException();
    }
    Rejections.require(submit.apply(new ReleaseManager(nodeId)).join());
    boolean gone =
        awaitState(
            snapshot ->
                node(snapshot, nodeId)
                    .map(node -> node.getRole() == NodeRole.WORKER && !node.hasManagerStatus())
                    .orElse(true));
    if (!gone) {
      throw Status.DEADLINE_EXCEEDED
          .withDescription("node " + nodeId + " is not yet taken out of the group")
          .asRuntimeException();
    }
    return LeaveResponse.getDefaultInstance();
  }

  private JoinResponse response(String nodeId) {
    JoinResponse.Builder response = JoinResponse.newBuilder().setRaftId(RaftIds.of(nodeId));
    for (Member member : log.members()) {
      response.addMembers(
          RaftMember.newBuilder()
              .setRaftId(RaftIds.of(member.nodeId()))
              .setNodeId(member.nodeId())
              .setAddr(member.address()));
    }
    return response.build();
  }

  private static Optional<Node> node(Snapshot snapshot, String nodeId) {
    return snapshot.find(Kind.NODE, nodeId);
  }

  /** Waits for the role manager's writes; false if they do not come in time. */
  private boolean awaitState(Predicate<Snapshot> wanted) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    try (Store.Subscription subscription =
        store.subscribe(
            (before, after, changes) -> {
              if (wanted.test(after)) {
                seen.complete(null);
              }
            })) {
      if (!wanted.test(store.snapshot())) {
        seen.get(FOLLOW_MAX.toMillis(), TimeUnit.MILLISECONDS);
      }
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("never completed exceptionally", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
