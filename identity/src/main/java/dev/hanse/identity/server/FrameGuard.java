package dev.hanse.identity.server;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.Subject;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Between TLS and HTTP/2: cuts a client off that sends what costs and carries nothing (RFC 9113,
 * section 10.5), and one without a certificate when it sends more than joining takes. It is told so
 * by a GOAWAY frame. A worker's messages are short: it may have been taken over.
 */
final class FrameGuard extends ChannelInboundHandlerAdapter implements FrameScanner.Frames {
  private static final Logger log = LoggerFactory.getLogger(FrameGuard.class);

  /** Of one request of a stranger: a certificate request is a kilobyte. */
  static final int MESSAGE_BYTES_MAX = 64 << 10;

  /** Of all that a stranger sends on a connection. */
  static final int BYTES_MAX = 4 * MESSAGE_BYTES_MAX;

  /** Who joins asks for the state of its certificate each second, for a minute. */
  static final int STREAMS_MAX = 128;

  /** Of a stranger, with acknowledgements. */
  static final int STRANGER_FRAMES_MAX = 2_000;

  static final int STRANGER_IDLE_FRAMES_MAX = 200;

  /** Of a member, in each period: one that is cancelling all its calls sends some hundred. */
  static final int MEMBER_IDLE_FRAMES_MAX = 10_000;

  private static final int LAST_WORD_SECONDS = 1;
  private static final long PERIOD_NANOS = 10_000_000_000L;
  private static final int MESSAGE_HEAD_BYTES = 5;

  static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final byte[] ENHANCE_YOUR_CALM = {0, 0, 0, 0x0b};

  private final ConnectionGuard connection;
  private final ClusterServer.Limits limits;
  private final FrameScanner scanner = new FrameScanner(this);
  private final Map<Integer, Integer> bytesByStream = new HashMap<>();
  private Optional<MessageLengths> worker = Optional.empty();
  private boolean member;
  private long periodNanos;
  private int idleFrames;
  private int frames;
  private int streams;
  private long bytes;
  private Optional<String> excess = Optional.empty();

  FrameGuard(ConnectionGuard connection, ClusterServer.Limits limits) {
    this.connection = connection;
    this.limits = limits;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      Optional<Subject> shown = connection.settled(context);
      member = shown.isPresent();
      worker =
          shown
              .filter(subject -> subject.role() != Role.MANAGER)
              .map(_ -> new MessageLengths(limits.workerMessageBytesMax()));
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (excess.isEmpty() && message instanceof ByteBuf received) {
      bytes += received.readableBytes();
      scanner.scan(received);
      if (!member && bytes > BYTES_MAX) {
        exceeds("too many bytes from a client without certificate");
      }
      worker.flatMap(MessageLengths::excess).ifPresent(this::exceeds);
      excess.ifPresent(reason -> cut(context, reason));
    }
    if (excess.isPresent()) {
      ReferenceCountUtil.release(message);
    } else {
      context.fireChannelRead(message);
    }
  }

  @Override
  public void frame(int type, int flags, int stream, int length) {
    if (isIdle(type, flags, length)) {
      idle();
    }
    if (!member) {
      stranger(type, stream, length);
    }
    worker.ifPresent(lengths -> lengths.frame(type, flags, stream));
  }

  @Override
  public void content(ByteBuf bytes, int from, int to) {
    worker.ifPresent(lengths -> lengths.content(bytes, from, to));
  }

  /** Does the frame bring nothing on? Of a member, whose acknowledgements are counted as calls. */
  private boolean isIdle(int type, int flags, int length) {
    return switch (type) {
      case DATA -> length == 0 && (flags & END_STREAM) == 0;
      case HEADERS, WINDOW_UPDATE -> false;
      case SETTINGS, PING -> (flags & ACK) == 0;
      // PRIORITY, RST_STREAM, CONTINUATION, and what nobody knows.
      default -> true;
    };
  }

  private void idle() {
    if (member) {
      long now = System.nanoTime();
      if (now - periodNanos >= PERIOD_NANOS) {
        periodNanos = now;
        idleFrames = 0;
      }
    }
    idleFrames++;
    if (idleFrames > (member ? MEMBER_IDLE_FRAMES_MAX : STRANGER_IDLE_FRAMES_MAX)) {
      exceeds("too many frames that carry nothing");
    }
  }

  private void stranger(int type, int stream, int length) {
    frames++;
    if (frames > STRANGER_FRAMES_MAX) {
      exceeds("too many frames from a client without certificate");
    }
    if (type == HEADERS && ++streams > STREAMS_MAX) {
      exceeds("too many calls from a client without certificate");
    }
    if (type == DATA && bytesByStream.size() <= STREAMS_MAX) {
      int sum = bytesByStream.merge(stream, length, Integer::sum);
      if (sum > Math.min(MESSAGE_BYTES_MAX, limits.messageBytesMax()) + MESSAGE_HEAD_BYTES) {
        exceeds("too long a message from a client without certificate");
      }
    }
  }

  private void exceeds(String reason) {
    if (excess.isEmpty()) {
      excess = Optional.of(reason);
    }
  }

  private void cut(ChannelHandlerContext context, String reason) {
    if (member) {
      log.warn("closed {}, which has a certificate: {}", context.channel().remoteAddress(), reason);
    } else {
      log.debug("closed {}: {}", context.channel().remoteAddress(), reason);
    }
    byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
    ByteBuf goAway = context.alloc().buffer();
    goAway.writeMedium(8 + text.length).writeByte(GOAWAY).writeByte(0).writeInt(0);
    goAway.writeInt(Integer.MAX_VALUE).writeBytes(ENHANCE_YOUR_CALM).writeBytes(text);
    var unusedWrite = context.writeAndFlush(goAway).addListener(ChannelFutureListener.CLOSE);
    // Who does not read what it is told goes as well.
    Runnable close =
        () -> {
          var unusedClose = context.close();
        };
    var end = context.executor().schedule(close, LAST_WORD_SECONDS, SECONDS);
    var unused = context.channel().closeFuture().addListener(closed -> end.cancel(false));
  }
}
