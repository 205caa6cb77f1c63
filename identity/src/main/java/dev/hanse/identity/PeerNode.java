package dev.hanse.identity;

import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.Subject;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Which manager has answered a call, by its certificate; put into the call as an interceptor. */
public final class PeerNode implements ClientInterceptor {
  private volatile String nodeId = "";

  /** The node id of who has answered; empty as long as nobody has. */
  public String nodeId() {
    return nodeId;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onHeaders(Metadata answer) {
                nodeId = nodeId(getAttributes());
                super.onHeaders(answer);
              }
            },
            headers);
      }
    };
  }

  private static String nodeId(Attributes attributes) {
    @Nullable SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    try {
      return session != null && session.getPeerCertificates()[0] instanceof X509Certificate leaf
          ? Subject.of(leaf).nodeId()
          : "";
    } catch (SSLPeerUnverifiedException | IdentityException e) {
      return ""; // The handshake has checked it; so nobody that this node would trust.
    }
  }
}
