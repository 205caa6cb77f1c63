package dev.hanse.raft;

import java.util.Optional;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * An entry as Ratis gets it. It stays the same object on its way to {@link
 * StateMachine#preAppendTransaction}, since the request does not leave the process.
 *
 * @param sealed what is written
 * @param line whose next entry it is; empty if it depends on nothing
 */
record Proposal(ByteString sealed, Optional<EntryLine> line) implements Message {
  @Override
  public ByteString getContent() {
    return sealed;
  }
}
