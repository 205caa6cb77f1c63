package dev.hanse.identity;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a call is admitted or refused. TLS has already refused certificates of other
 * roots and expired ones; here the role, the organisation and the list of removed nodes are
 * checked, for each call, since connections live long. A method that no rule names is refused.
 */
public final class AccessControl implements ServerInterceptor {
  /** Who may call a method. */
  public enum Access {
    /** Also clients without a certificate: a node that wants to join has none. */
    ANYONE,
    /** Workers and managers of this cluster. */
    NODES,
    /** Managers of this cluster. */
    MANAGERS
  }

  /** What the cluster says about its nodes now. */
  public interface Membership {
    /** The cluster's id, which certificates carry as O. */
    String organization();

    /** Was this node removed, its certificate still being valid? */
    boolean removed(String nodeId);
  }

  private static final Logger log = LoggerFactory.getLogger(AccessControl.class);

  private final Map<String, Access> rules;
  private final Supplier<Membership> membership;
  private final InstantSource clock;

  /**
   * Creates the interceptor.
   *
   * @param rules by full method name ("package.Service/Method")
   * @param membership asked at every call
   */
  public AccessControl(
      Map<String, Access> rules, Supplier<Membership> membership, InstantSource clock) {
    this.rules = Map.copyOf(rules);
    this.membership = membership;
    this.clock = clock;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    Access access = rules.get(method);
    if (access == null) {
      return refuse(call, method, "Permission denied: method " + method + " is not served");
    }
    Verdict verdict = judge(call);
    return switch (verdict) {
      case Verdict.Known(Caller caller) ->
          admits(access, caller.role())
              ? Contexts.interceptCall(caller.inContext(), call, headers, next)
              : refuse(call, method, wrongRole(access));
      case Verdict.Refused(String reason) ->
          access == Access.ANYONE
              ? Contexts.interceptCall(Context.current(), call, headers, next)
              : refuse(call, method, reason);
    };
  }

  private sealed interface Verdict {
    record Known(Caller caller) implements Verdict {}

    record Refused(String reason) implements Verdict {}
  }

  private Verdict judge(ServerCall<?, ?> call) {
    Optional<X509Certificate> certificate = certificate(call);
    if (certificate.isEmpty()) {
      return new Verdict.Refused("Permission denied: no client certificates in request");
    }
    Subject subject;
    try {
      subject = Subject.of(certificate.get());
    } catch (IdentityException e) {
      return new Verdict.Refused("Permission denied: " + e.getMessage());
    }
    if (clock.instant().isAfter(certificate.get().getNotAfter().toInstant())) {
      return new Verdict.Refused(
          "Permission denied: certificate of node " + subject.nodeId() + " has expired");
    }
    Membership cluster = membership.get();
    if (!subject.organization().equals(cluster.organization())) {
      return new Verdict.Refused(
          "Permission denied: remote certificate not part of this cluster's organization");
    }
    if (cluster.removed(subject.nodeId())) {
      return new Verdict.Refused(
          "Permission denied: node " + subject.nodeId() + " was removed from swarm");
    }
    return new Verdict.Known(new Caller(subject.nodeId(), subject.role(), remote(call)));
  }

  private static boolean admits(Access access, Role role) {
    return switch (access) {
      case ANYONE, NODES -> true;
      case MANAGERS -> role == Role.MANAGER;
    };
  }

  private static String wrongRole(Access access) {
    return "Permission denied: remote certificate not part of OUs: "
        + (access == Access.MANAGERS ? "[swarm-manager]" : "[swarm-worker swarm-manager]");
  }

  private static <Q, A> ServerCall.Listener<Q> refuse(
      ServerCall<Q, A> call, String method, String reason) {
    log.debug("refused {} from {}: {}", method, remote(call), reason);
    call.close(Status.PERMISSION_DENIED.withDescription(reason), new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private static Optional<X509Certificate> certificate(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return Optional.empty();
    }
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate certificate
          ? Optional.of(certificate)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty(); // The client sent none, which the handshake allows.
    }
  }

  private static Optional<InetSocketAddress> remote(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress address
        ? Optional.of(address)
        : Optional.empty();
  }
}
