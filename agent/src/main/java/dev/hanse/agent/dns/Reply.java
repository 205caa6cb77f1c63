package dev.hanse.agent.dns;

import dev.hanse.endpoints.Ipv4Address;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers to queries in wire form (RFC 1035, section 4). */
final class Reply {
  /** An address may be gone in a moment. */
  static final int TIME_TO_LIVE_SECONDS = 5;

  private static final int RESPONSE_AUTHORITATIVE = 0x8400;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RECURSION_AVAILABLE = 0x0080;
  private static final int TRUNCATED = 0x0200;
  private static final int SERVER_FAILURE = 2;
  private static final int NAME_ERROR = 3;
  private static final int CLASS_IN = 1;
  private static final int NAME_OF_QUESTION = 0xc000 | Query.HEADER_BYTES;
  private static final int ADDRESS_RECORD_BYTES = 16;
  private static final int TCP_BYTES_MAX = 65_535;

  private Reply() {}

  /** Address records, as many as fit; the client is told when some do not. */
  static byte[] addresses(Query query, List<Ipv4Address> addresses, boolean tcp) {
    int bytesMax = tcp ? TCP_BYTES_MAX : query.answerBytesMax();
    int room = (bytesMax - Query.HEADER_BYTES - query.question().length) / ADDRESS_RECORD_BYTES;
    List<Ipv4Address> fitting = addresses.subList(0, Math.min(room, addresses.size()));
    int flags = fitting.size() < addresses.size() ? TRUNCATED : 0;
    ByteArrayOutputStream out = header(query, flags, fitting.size());
    for (Ipv4Address address : fitting) {
      record(out, Query.TYPE_A, address.bytes());
    }
    return out.toByteArray();
  }

  /** The name of an address. */
  static byte[] pointer(Query query, String name) {
    ByteArrayOutputStream out = header(query, 0, 1);
    record(out, Query.TYPE_PTR, encode(name));
    return out.toByteArray();
  }

  static byte[] noData(Query query) {
    return header(query, 0, 0).toByteArray();
  }

  static byte[] noName(Query query) {
    return header(query, NAME_ERROR, 0).toByteArray();
  }

  static byte[] serverFailure(Query query) {
    return header(query, SERVER_FAILURE, 0).toByteArray();
  }

  private static ByteArrayOutputStream header(Query query, int flags, int answers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    u16(out, query.id());
    u16(
        out,
        RESPONSE_AUTHORITATIVE | (query.flags() & RECURSION_DESIRED) | RECURSION_AVAILABLE | flags);
    u16(out, 1);
    u16(out, answers);
    u16(out, 0);
    u16(out, 0);
    out.writeBytes(query.question());
    return out;
  }

  private static void record(ByteArrayOutputStream out, int type, byte[] data) {
    u16(out, NAME_OF_QUESTION);
    u16(out, type);
    u16(out, CLASS_IN);
    u16(out, TIME_TO_LIVE_SECONDS >>> 16);
    u16(out, TIME_TO_LIVE_SECONDS);
    u16(out, data.length);
    out.writeBytes(data);
  }

  private static byte[] encode(String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String label : name.split("\\.")) {
      byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
      int length = Math.min(bytes.length, 63);
      out.write(length);
      out.write(bytes, 0, length);
    }
    out.write(0);
    return out.toByteArray();
  }

  private static void u16(ByteArrayOutputStream out, int number) {
    out.write(number >>> 8);
    out.write(number);
  }
}
