package dev.hanse.gossip;

import dev.hanse.gossip.Message.Packet;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Packets as bytes, big endian:
 *
 * <pre>
 * packet   version (1 byte: 1), kind (1), sender: member, the kind's fields,
 *          number of updates (2 bytes), updates
 * member   node id: text, address: text, incarnation (8)
 * text     length (1), ASCII
 * PING 1          sequence (8), target id: text, digest (8)
 * ACK 2           sequence (8), digest (8)
 * NACK 3          sequence (8)
 * PING_REQUEST 4  sequence (8), target id: text, target address: text, timeout in ms (4)
 * NEWS 5
 * STATE 6
 * update   state (1: 0 alive, 1 suspect, 2 dead, 3 away, 4 left), flags (1: 1 accuser follows,
 *          2 machine refuses, 4 age follows, 8 machine takes connections), about: member, [accuser: text], [age in ms (8)]
 * </pre>
 */
final class MessageCodec {
  static final int VERSION = 1;
  static final int TEXT_BYTES_MAX = 64;
  static final int STREAM_BYTES_MAX = 2 << 20;

  /** Can be counted on from; what is believed is much less, see {@link Numbering}. */
  static final long INCARNATION_MAX = 1L << 60;

  /** A hundred years; no state has lasted longer. */
  static final long AGE_MS_MAX = 100L * 366 * 24 * 3_600 * 1_000;

  private static final int PING = 1;
  private static final int ACK = 2;
  private static final int NACK = 3;
  private static final int PING_REQUEST = 4;
  private static final int NEWS = 5;
  private static final int STATE = 6;

  private static final int WITH_ACCUSER = 1;
  private static final int REFUSED = 2;
  private static final int WITH_AGE = 4;
  private static final int SILENT = 8;

  /** By their codes. */
  private static final List<MemberState> STATES =
      List.of(
          MemberState.ALIVE,
          MemberState.SUSPECT,
          MemberState.DEAD,
          MemberState.AWAY,
          MemberState.LEFT);

  /** What came out of bytes. */
  sealed interface Decoded {
    record Known(Packet packet) implements Decoded {}

    /** Made by a version of the protocol that is not ours. */
    record UnknownVersion(int version) implements Decoded {}

    /** Our version, a kind that we do not know. */
    record UnknownKind(int kind) implements Decoded {}

    /** Not a packet. */
    record Malformed(String reason) implements Decoded {}
  }

  private static final class MalformedException extends RuntimeException {
    MalformedException(String reason) {
      super(reason, null, false, false);
    }
  }

  private MessageCodec() {}

  /** How many bytes a packet takes before its first update. */
  static int headBytes(Member sender, Message message) {
    return 2
        + memberBytes(sender)
        + 2
        + switch (message) {
          case Message.Ping ping -> 16 + textBytes(ping.targetId());
          case Message.Ack _ -> 16;
          case Message.Nack _ -> 8;
          case Message.PingRequest request ->
              12 + textBytes(request.targetId()) + textBytes(request.targetAddress());
          case Message.News _, Message.State _ -> 0;
        };
  }

  static int updateBytes(Update update) {
    return 2
        + memberBytes(update.about())
        + update.accuser().map(MessageCodec::textBytes).orElse(0)
        + (update.ageMs() > 0 ? 8 : 0);
  }

  private static int memberBytes(Member member) {
    return textBytes(member.nodeId()) + textBytes(member.address()) + 8;
  }

  private static int textBytes(String text) {
    return 1 + text.length();
  }

  static byte[] encode(Packet packet) {
    int bytes = headBytes(packet.sender(), packet.message());
    for (Update update : packet.updates()) {
      bytes += updateBytes(update);
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    out.put((byte) VERSION).put((byte) kind(packet.message()));
    putMember(out, packet.sender());
    switch (packet.message()) {
      case Message.Ping ping -> {
        out.putLong(ping.sequence());
        putText(out, ping.targetId());
        out.putLong(ping.digest());
      }
      case Message.Ack ack -> out.putLong(ack.sequence()).putLong(ack.digest());
      case Message.Nack nack -> out.putLong(nack.sequence());
      case Message.PingRequest request -> {
        out.putLong(request.sequence());
        putText(out, request.targetId());
        putText(out, request.targetAddress());
        out.putInt((int) request.timeoutMs());
      }
      case Message.News _, Message.State _ -> {}
    }
    out.putShort((short) packet.updates().size());
    packet.updates().forEach(update -> putUpdate(out, update));
    return out.array();
  }

  private static int kind(Message message) {
    return switch (message) {
      case Message.Ping _ -> PING;
      case Message.Ack _ -> ACK;
      case Message.Nack _ -> NACK;
      case Message.PingRequest _ -> PING_REQUEST;
      case Message.News _ -> NEWS;
      case Message.State _ -> STATE;
    };
  }

  private static void putUpdate(ByteBuffer out, Update update) {
    int flags =
        (update.accuser().isPresent() ? WITH_ACCUSER : 0)
            | evidence(update.evidence())
            | (update.ageMs() > 0 ? WITH_AGE : 0);
    out.put((byte) STATES.indexOf(update.state())).put((byte) flags);
    putMember(out, update.about());
    update.accuser().ifPresent(accuser -> putText(out, accuser));
    if (update.ageMs() > 0) {
      out.putLong(update.ageMs());
    }
  }

  private static int evidence(StreamOutcome evidence) {
    return switch (evidence) {
      case SILENT -> SILENT;
      case REFUSED -> REFUSED;
      case UNREACHABLE -> 0;
    };
  }

  private static StreamOutcome evidence(int flags) {
    if ((flags & SILENT) != 0) {
      return StreamOutcome.SILENT;
    }
    return (flags & REFUSED) != 0 ? StreamOutcome.REFUSED : StreamOutcome.UNREACHABLE;
  }

  private static void putMember(ByteBuffer out, Member member) {
    putText(out, member.nodeId());
    putText(out, member.address());
    out.putLong(member.incarnation());
  }

  private static void putText(ByteBuffer out, String text) {
    out.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Reads a packet.
   *
   * @param updatesMax more are malformed
   */
  static Decoded decode(byte[] bytes, int updatesMax) {
    if (bytes.length < 2) {
      return new Decoded.Malformed("of " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int version = in.get() & 0xff;
    if (version != VERSION) {
      return new Decoded.UnknownVersion(version);
    }
    int kind = in.get() & 0xff;
    if (kind < PING || kind > STATE) {
      return new Decoded.UnknownKind(kind);
    }
    try {
      Member sender = member(in);
      Message message = message(kind, in);
      int count = in.getShort() & 0xffff;
      if (count > updatesMax) {
        return new Decoded.Malformed("with " + count + " updates");
      }
      List<Update> updates = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        updates.add(update(in));
      }
      if (in.hasRemaining()) {
        return new Decoded.Malformed("with " + in.remaining() + " bytes too many");
      }
      return new Decoded.Known(new Packet(sender, message, List.copyOf(updates)));
    } catch (BufferUnderflowException _) {
      return new Decoded.Malformed("cut off after " + bytes.length + " bytes");
    } catch (MalformedException fault) {
      return new Decoded.Malformed(String.valueOf(fault.getMessage()));
    }
  }

  private static Message message(int kind, ByteBuffer in) {
    return switch (kind) {
      case PING -> new Message.Ping(in.getLong(), nodeId(in), in.getLong());
      case ACK -> new Message.Ack(in.getLong(), in.getLong());
      case NACK -> new Message.Nack(in.getLong());
      case PING_REQUEST ->
          new Message.PingRequest(
              in.getLong(), nodeId(in), address(in), Integer.toUnsignedLong(in.getInt()));
      case NEWS -> new Message.News();
      case STATE -> new Message.State();
      default -> throw new MalformedException("of kind " + kind);
    };
  }

  private static Update update(ByteBuffer in) {
    int state = in.get() & 0xff;
    int flags = in.get() & 0xff;
    if (state >= STATES.size() || flags > (WITH_ACCUSER | REFUSED | WITH_AGE | SILENT)) {
      throw new MalformedException("with state " + state + " and flags " + flags);
    }
    Member about = member(in);
    boolean accused = (flags & WITH_ACCUSER) != 0;
    if (accused != (STATES.get(state) == MemberState.SUSPECT)) {
      throw new MalformedException("with an accuser of a node " + STATES.get(state));
    }
    Optional<String> accuser = accused ? Optional.of(nodeId(in)) : Optional.empty();
    long ageMs = (flags & WITH_AGE) != 0 ? in.getLong() : 0;
    if (ageMs < 0 || ageMs > AGE_MS_MAX) {
      throw new MalformedException("with an age of " + ageMs);
    }
    return new Update(about, STATES.get(state), accuser, evidence(flags), ageMs);
  }

  private static Member member(ByteBuffer in) {
    String nodeId = nodeId(in);
    String address = address(in);
    long incarnation = in.getLong();
    if (incarnation < 0 || incarnation > INCARNATION_MAX) {
      throw new MalformedException("with incarnation " + incarnation);
    }
    return new Member(nodeId, address, incarnation);
  }

  private static String nodeId(ByteBuffer in) {
    String text = text(in);
    if (!Texts.isNodeId(text)) {
      throw new MalformedException("with a wrong node id");
    }
    return text;
  }

  private static String address(ByteBuffer in) {
    String text = text(in);
    if (!Texts.isAddress(text)) {
      throw new MalformedException("with a wrong address");
    }
    return text;
  }

  private static String text(ByteBuffer in) {
    int bytes = in.get() & 0xff;
    if (bytes > TEXT_BYTES_MAX) {
      throw new MalformedException("with a text of " + bytes + " bytes");
    }
    byte[] text = new byte[bytes];
    in.get(text);
    return new String(text, StandardCharsets.US_ASCII);
  }
}
