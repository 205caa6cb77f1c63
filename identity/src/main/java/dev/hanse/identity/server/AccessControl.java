package dev.hanse.identity.server;

import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.Subject;
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
 * checked, for each call, since connections live long. A method that no rule names is refused. For
 * a call that another manager passes on, the same is checked of the node that it speaks for.
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

  private static final String NO_CERTIFICATE =
      "Permission denied: no client certificates in request";

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
    Verdict hop = judge(call);
    byte[] forwarded = headers.get(Forwarding.HEADER);
    if (forwarded == null) {
      return admit(call, headers, next, access, hop, Context.current());
    }
    if (!(hop instanceof Verdict.Known(Caller manager)) || manager.role() != Role.MANAGER) {
      return refuse(call, method, "Permission denied: only managers forward calls");
    }
    return admit(call, headers, next, access, judge(forwarded), Forwarding.mark(Context.current()));
  }

  private static <Q, A> ServerCall.Listener<Q> admit(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      Access access,
      Verdict verdict,
      Context context) {
    String method = call.getMethodDescriptor().getFullMethodName();
    return switch (verdict) {
      case Verdict.Known(Caller caller) ->
          admits(access, caller.role())
              ? Contexts.interceptCall(caller.in(context), call, headers, next)
              : refuse(call, method, wrongRole(access));
      case Verdict.Refused(String reason) ->
          access == Access.ANYONE
              ? Contexts.interceptCall(context, call, headers, next)
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
      return new Verdict.Refused(NO_CERTIFICATE);
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
    if (!subject.organization().equals(membership.get().organization())) {
      return new Verdict.Refused(
          "Permission denied: remote certificate not part of this cluster's organization");
    }
    return judge(new Caller(subject.nodeId(), subject.role(), remote(call)));
  }

  /**
   * The facts in a call that a manager passes on; it has looked at certificate and organisation.
   */
  private Verdict judge(byte[] forwarded) {
    try {
      return Forwarding.caller(forwarded)
          .map(this::judge)
          .orElseGet(() -> new Verdict.Refused(NO_CERTIFICATE));
    } catch (IllegalArgumentException e) {
      return new Verdict.Refused("Permission denied: " + e.getMessage());
    }
  }

  private Verdict judge(Caller caller) {
    return membership.get().removed(caller.nodeId())
        ? new Verdict.Refused(
            "Permission denied: node " + caller.nodeId() + " was removed from swarm")
        : new Verdict.Known(caller);
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
