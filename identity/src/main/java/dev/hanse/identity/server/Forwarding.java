package dev.hanse.identity.server;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hanse.identity.certificate.Role;
import dev.hanse.model.ForwardedCaller;
import io.grpc.Context;
import io.grpc.Metadata;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a manager says of a call that it passes on to the leader: whose it is. {@link AccessControl}
 * believes it if the call comes with a manager's certificate.
 */
public final class Forwarding {
  static final Metadata.Key<byte[]> HEADER =
      Metadata.Key.of("hanse-forwarded-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final Context.Key<@Nullable Boolean> FORWARDED = Context.key("hanse-forwarded");

  private Forwarding() {}

  /** Has another manager passed on the call that this thread serves? Then it goes no further. */
  public static boolean isForwarded() {
    return FORWARDED.get() != null;
  }

  static Context mark(Context context) {
    return context.withValue(FORWARDED, true);
  }

  /**
   * The metadata that tells the leader who calls.
   *
   * @param caller empty if the caller has shown no certificate
   * @param ownAddress this manager's IP address, for callers on the same machine
   */
  public static Metadata headers(Optional<Caller> caller, String ownAddress) {
    ForwardedCaller.Builder facts = ForwardedCaller.newBuilder();
    if (caller.isPresent()) {
      facts
          .setNodeId(caller.get().nodeId())
          .setRole(caller.get().role().message())
          .setAddress(address(caller.get(), ownAddress));
    }
    Metadata headers = new Metadata();
    headers.put(HEADER, facts.build().toByteArray());
    return headers;
  }

  private static String address(Caller caller, String ownAddress) {
    return caller
        .remote()
        .map(InetSocketAddress::getAddress)
        .filter(remote -> !remote.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .orElse(ownAddress);
  }

  /**
   * Who has called; empty if they showed no certificate.
   *
   * @throws IllegalArgumentException if it is not what {@link #headers} writes
   */
  static Optional<Caller> caller(byte[] header) {
    ForwardedCaller facts;
    try {
      facts = ForwardedCaller.parseFrom(header);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("malformed facts of a forwarded call", e);
    }
    if (facts.getNodeId().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Caller(facts.getNodeId(), Role.of(facts.getRole()), remote(facts.getAddress())));
  }

  /** Addresses only, never names: nothing is looked up here. */
  private static Optional<InetSocketAddress> remote(String address) {
    try {
      return Optional.of(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // The manager was told a host name to advertise.
    }
  }
}
