package dev.hanse.identity.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.Subject;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before TLS: gives the connection its place, and limits what somebody without a certificate may
 * send and how long it may stay. Behind TLS it sets a {@link FrameGuard}.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(ConnectionGuard.class);

  /** Hello, certificates, and what a client may send before it has the server's settings. */
  private static final int HANDSHAKE_BYTES_MAX = 128 << 10;

  /** Of a stranger, TLS's own records included: those carry nothing but cost as much. */
  private static final int STRANGER_BYTES_MAX = HANDSHAKE_BYTES_MAX + 2 * FrameGuard.BYTES_MAX;

  private enum Standing {
    HANDSHAKE,
    STRANGER,
    MEMBER
  }

  private final PeerPlaces places;
  private final ClusterServer.Limits limits;
  private Standing standing = Standing.HANDSHAKE;
  private boolean spoken;
  private long received;

  ConnectionGuard(PeerPlaces places, ClusterServer.Limits limits) {
    this.places = places;
    this.limits = limits;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    places.connected(context.channel());
    context.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    places.closed(context.channel());
    context.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!spoken) {
      spoken = true;
      places.spoke(context.channel());
      var tls = context.pipeline().context(SslHandler.class);
      context.pipeline().addAfter(tls.name(), null, new FrameGuard(this, limits));
    }
    if (standing != Standing.MEMBER && message instanceof ByteBuf bytes) {
      received += bytes.readableBytes();
      if (received > (standing == Standing.HANDSHAKE ? HANDSHAKE_BYTES_MAX : STRANGER_BYTES_MAX)) {
        log.debug("closed {}: it has sent {} bytes", context.channel().remoteAddress(), received);
        ReferenceCountUtil.release(message);
        var unused = context.close();
        return;
      }
    }
    context.fireChannelRead(message);
  }

  /**
   * The handshake is over.
   *
   * @return whose certificate of the cluster the other side has shown; empty if none
   */
  Optional<Subject> settled(ChannelHandlerContext context) {
    Optional<Subject> node = node(context.pipeline().get(SslHandler.class));
    if (node.isPresent()) {
      standing = Standing.MEMBER;
      places.member(context.channel(), node.get().nodeId());
    } else {
      standing = Standing.STRANGER;
      places.stranger(context.channel());
      Runnable cut =
          () -> {
            var unused = context.close();
          };
      var end = context.executor().schedule(cut, limits.strangerLife().toMillis(), MILLISECONDS);
      var unused = context.channel().closeFuture().addListener(closed -> end.cancel(false));
    }
    return node;
  }

  private static Optional<Subject> node(SslHandler tls) {
    try {
      return tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate shown
          ? Optional.of(Subject.of(shown))
          : Optional.empty();
    } catch (SSLPeerUnverifiedException | IdentityException none) {
      return Optional.empty();
    }
  }
}
