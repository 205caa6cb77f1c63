package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Rule;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/** Changes of routing rules: struct fib_rule_hdr and FRA attributes of linux/fib_rules.h. */
public final class Rules {
  static final int GET = 34;

  private static final int NEW = 32;
  private static final int DELETE = 33;
  private static final int FIXED_BYTES = 12;
  private static final int CREATE_NEW = 0x600;
  private static final int FRA_SRC = 2;
  private static final int FRA_PRIORITY = 6;
  private static final int FRA_FWMARK = 10;
  private static final int FRA_TABLE = 15;
  private static final int FRA_FWMASK = 16;
  private static final int ACTION_TO_TABLE = 1;
  private static final int TABLE_BYTE_MAX = 255;
  private static final int WHOLE_MASK = 0xffffffff;

  private Rules() {}

  /** Adds; fails with EEXIST if there is the same rule. */
  public static Change add(Rule rule) {
    return change("add", NEW, CREATE_NEW, rule);
  }

  /** Removes; fails with ENOENT if there is none. */
  public static Change delete(Rule rule) {
    return change("delete", DELETE, 0, rule);
  }

  private static Change change(String verb, int type, int flags, Rule rule) {
    return new Change(
        verb + " rule " + rule.priority() + " to table " + rule.table(),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, type, flags);
          writer
              .u8(rule.ipv6() ? Family.IPV6 : Family.IPV4)
              .u8(0)
              .u8(rule.source().map(Prefix::length).orElse(0))
              .u8(0)
              .u8(rule.table() > TABLE_BYTE_MAX ? 0 : rule.table())
              .u8(0)
              .u8(0)
              .u8(ACTION_TO_TABLE)
              .u32(0);
          rule.source().ifPresent(source -> writer.attribute(FRA_SRC, source.address()));
          writer.attributeU32(FRA_PRIORITY, rule.priority());
          rule.mark()
              .ifPresent(
                  mark ->
                      writer.attributeU32(FRA_FWMARK, mark).attributeU32(FRA_FWMASK, rule.mask()));
          writer.attributeU32(FRA_TABLE, rule.table());
          writer.end();
        });
  }

  static void writeListRequest(MessageWriter writer) {
    writer.u8(Family.UNSPECIFIED).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0);
  }

  static Optional<Rule> decode(Message message) {
    ByteBuffer body = message.body();
    int family = body.get(0);
    if (message.type() != NEW || (family != Family.IPV4 && family != Family.IPV6)) {
      return Optional.empty();
    }
    Attributes attributes = message.attributesAfter(FIXED_BYTES);
    OptionalInt mask = attributes.u32(FRA_FWMASK);
    return Optional.of(
        new Rule(
            family == Family.IPV6,
            attributes.u32(FRA_PRIORITY).orElse(0),
            // The kernel leaves out a mark of 0, but then says the mask.
            mask.isPresent() && attributes.u32(FRA_FWMARK).isEmpty()
                ? OptionalInt.of(0)
                : attributes.u32(FRA_FWMARK),
            mask.orElse(WHOLE_MASK),
            attributes
                .address(FRA_SRC)
                .map(source -> new Prefix(source, Byte.toUnsignedInt(body.get(2)))),
            attributes.u32(FRA_TABLE).orElse(Byte.toUnsignedInt(body.get(4)))));
  }
}
