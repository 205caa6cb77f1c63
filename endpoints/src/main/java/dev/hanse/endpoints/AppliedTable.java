package dev.hanse.endpoints;

import dev.hanse.model.EndpointsMessage;
import java.util.List;

/**
 * The table that a node has, and the index of the message after which it has it.
 *
 * @param index of the last message applied, unsigned; 0 before the first
 */
public record AppliedTable(long index, EndpointTable table) {
  private static final AppliedTable NONE = new AppliedTable(0, EndpointTable.empty());

  /** Before the first message. */
  public static AppliedTable none() {
    return NONE;
  }

  /**
   * What a message makes of it: a complete one replaces everything, an incremental one changes what
   * it names.
   *
   * @return refused when any part of the message cannot be understood or does not fit what is here:
   *     then nothing of it holds, and only a complete message helps
   */
  public Attempt<AppliedTable> apply(EndpointsMessage message) {
    EndpointTable before =
        switch (message.getType()) {
          case COMPLETE -> EndpointTable.empty();
          case INCREMENTAL -> table;
          case UNRECOGNIZED -> null;
        };
    if (before == null) {
      return new Attempt.Refused<>("unknown type of message " + message.getTypeValue());
    }
    if (message.getType() == EndpointsMessage.Type.INCREMENTAL
        && Long.compareUnsigned(message.getIndex(), index) <= 0) {
      return new Attempt.Refused<>(
          "message %s after message %s"
              .formatted(Long.toUnsignedString(message.getIndex()), Long.toUnsignedString(index)));
    }
    return EndpointDecoder.changes(message.getChangesList())
        .then(before::apply)
        .then(after -> new Attempt.Done<>(new AppliedTable(message.getIndex(), after)));
  }

  /** A complete message that makes it of nothing, to be kept across a restart of the program. */
  public EndpointsMessage toMessage() {
    List<Change> everything = table.since(EndpointTable.empty());
    return new EndpointEncoder().message(EndpointsMessage.Type.COMPLETE, index, everything);
  }
}
