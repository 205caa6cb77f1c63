package dev.hanse.manager.authority;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.RenewCertificate;
import dev.hanse.identity.server.Caller;
import dev.hanse.manager.Answers;
import dev.hanse.manager.Rejections;
import dev.hanse.model.CAGrpc;
import dev.hanse.model.Cluster;
import dev.hanse.model.GetRootCACertificateRequest;
import dev.hanse.model.GetRootCACertificateResponse;
import dev.hanse.model.GetUnlockKeyRequest;
import dev.hanse.model.GetUnlockKeyResponse;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.IssueNodeCertificateRequest;
import dev.hanse.model.IssueNodeCertificateResponse;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.Node;
import dev.hanse.model.NodeCAGrpc;
import dev.hanse.model.NodeCertificateStatusRequest;
import dev.hanse.model.NodeCertificateStatusResponse;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** The gRPC services CA and NodeCA. */
public final class AuthorityServices {
  /** Calls without certificate may wait for their certificate; not too many at once. */
  private static final int WAITING_MAX = 512;

  private static final Duration WAIT_MAX = Duration.ofSeconds(30);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final Reenrollments reenrollments;
  private final Semaphore waiting = new Semaphore(WAITING_MAX);

  /** Services over the state; writes go to the control loop. */
  public AuthorityServices(
      Store store, Function<Command, CompletableFuture<Decision>> submit, InstantSource clock) {
    this.store = store;
    this.submit = submit;
    this.reenrollments = new Reenrollments(clock);
  }

  /** Service CA. */
  public CAGrpc.CAImplBase authority() {
    return new Authority();
  }

  /** Service NodeCA. */
  public NodeCAGrpc.NodeCAImplBase nodeAuthority() {
    return new NodeAuthority();
  }

  private final class Authority extends CAGrpc.CAImplBase {
    @Override
    public void getRootCACertificate(
        GetRootCACertificateRequest request,
        StreamObserver<GetRootCACertificateResponse> observer) {
      Answers.unary(
          observer,
          () ->
              GetRootCACertificateResponse.newBuilder()
                  .setCertificate(cluster().getRootCa().getCaCert())
                  .build());
    }

    @Override
    public void getUnlockKey(
        GetUnlockKeyRequest request, StreamObserver<GetUnlockKeyResponse> observer) {
      Answers.unary(observer, () -> unlockKey(cluster()));
    }
  }

  private final class NodeAuthority extends NodeCAGrpc.NodeCAImplBase {
    @Override
    public void issueNodeCertificate(
        IssueNodeCertificateRequest request,
        StreamObserver<IssueNodeCertificateResponse> observer) {
      Answers.unary(observer, () -> issue(request));
    }

    @Override
    public void nodeCertificateStatus(
        NodeCertificateStatusRequest request,
        StreamObserver<NodeCertificateStatusResponse> observer) {
      Answers.unary(observer, () -> status(request.getNodeId()));
    }
  }

  private static GetUnlockKeyResponse unlockKey(Cluster cluster) {
    GetUnlockKeyResponse.Builder response =
        GetUnlockKeyResponse.newBuilder().setVersion(cluster.getMeta().getVersion());
    LockKeeper.unlockKey(cluster)
        .ifPresent(key -> response.setUnlockKey(ByteString.copyFrom(key.bytes())));
    return response.build();
  }

  /** A node that shows its certificate, be it an expired one, renews it; others need a token. */
  private IssueNodeCertificateResponse issue(IssueNodeCertificateRequest request) {
    if (request.getCsr().isEmpty()) {
      throw Status.INVALID_ARGUMENT.withDescription("no certificate request").asRuntimeException();
    }
    Decision.Accepted accepted = Rejections.require(submit.apply(command(request)).join());
    Node node = (Node) accepted.result().orElseThrow();
    return IssueNodeCertificateResponse.newBuilder()
        .setNodeId(node.getId())
        .setNodeMembership(NodeSpec.Membership.ACCEPTED)
        .build();
  }

  private Command command(IssueNodeCertificateRequest request) {
    Optional<Caller> caller = Caller.current();
    if (caller.isPresent()) {
      return new RenewCertificate(caller.get().nodeId(), request.getCsr());
    }
    if (!request.getExpiredCertificate().isEmpty()) {
      String nodeId = reenrollments.nodeId(request, store.snapshot(), cluster());
      return new RenewCertificate(nodeId, request.getCsr());
    }
    return new EnrollNode(role(request), request.getCsr(), request.getAvailability());
  }

  private NodeRole role(IssueNodeCertificateRequest request) {
    JoinTokens tokens = cluster().getRootCa().getJoinTokens();
    boolean manager = same(request.getToken(), tokens.getManager());
    boolean worker = same(request.getToken(), tokens.getWorker());
    if (manager) {
      return NodeRole.MANAGER;
    }
    if (!worker) {
      throw Status.INVALID_ARGUMENT
          .withDescription("A valid join token is necessary to join this cluster")
          .asRuntimeException();
    }
    return NodeRole.WORKER;
  }

  /** Takes the same time wherever the tokens differ. */
  private static boolean same(String given, String wanted) {
    return !wanted.isEmpty()
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
  }

  private NodeCertificateStatusResponse status(String nodeId) {
    if (!waiting.tryAcquire()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("too many nodes wait for certificates")
          .asRuntimeException();
    }
    try {
      Node node = awaitFinal(nodeId);
      return NodeCertificateStatusResponse.newBuilder()
          .setStatus(node.getCertificate().getStatus())
          .setCertificate(node.getCertificate())
          .build();
    } finally {
      waiting.release();
    }
  }

  private Node awaitFinal(String nodeId) {
    CompletableFuture<Node> settled = new CompletableFuture<>();
    try (Store.Subscription subscription =
        store.subscribe((before, after, changes) -> settle(after, nodeId, settled))) {
      settle(store.snapshot(), nodeId, settled);
      return settled
          .orTimeout(WAIT_MAX.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)
          .join();
    } catch (java.util.concurrent.CompletionException e) {
      if (e.getCause() instanceof StatusRuntimeException status) {
        throw status;
      }
      throw Status.DEADLINE_EXCEEDED
          .withDescription("certificate of node " + nodeId + " is still pending")
          .asRuntimeException();
    }
  }

  private static void settle(Snapshot snapshot, String nodeId, CompletableFuture<Node> settled) {
    Optional<Node> node = snapshot.find(Kind.NODE, nodeId);
    if (node.isEmpty()) {
      settled.completeExceptionally(
          Status.NOT_FOUND.withDescription("node not found").asRuntimeException());
    } else if (isFinal(node.get().getCertificate().getStatus().getState())) {
      settled.complete(node.get());
    }
  }

  private static boolean isFinal(IssuanceStatus.State state) {
    return switch (state) {
      case ISSUED, FAILED, ROTATE -> true;
      case UNKNOWN, RENEW, PENDING, UNRECOGNIZED -> false;
    };
  }

  private Cluster cluster() {
    return store
        .snapshot()
        .cluster()
        .orElseThrow(
            () ->
                Status.UNAVAILABLE.withDescription("the manager is starting").asRuntimeException());
  }
}
