package dev.hanse.identity.server;

import dev.hanse.identity.certificate.Role;
import io.grpc.Context;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The node at the other end of a call, proven by its certificate and admitted by {@link
 * AccessControl}.
 *
 * @param nodeId the certificate's CN
 * @param role the certificate's OU
 * @param remote where the connection comes from
 */
public record Caller(String nodeId, Role role, Optional<InetSocketAddress> remote) {
  private static final Context.Key<@Nullable Caller> KEY = Context.key("hanse-caller");

  /** The caller of the call that this thread serves; empty if it showed no certificate. */
  public static Optional<Caller> current() {
    return Optional.ofNullable(KEY.get());
  }

  /** The caller, in methods that are open to nodes only. */
  public static Caller required() {
    return current()
        .orElseThrow(
            () ->
                Status.PERMISSION_DENIED
                    .withDescription("no client certificates in request")
                    .asRuntimeException());
  }

  Context in(Context context) {
    return context.withValue(KEY, this);
  }
}
