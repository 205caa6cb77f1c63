package dev.hanse.kernel.netlink;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages that go to the kernel in one send. Holds the descriptors of the namespaces that they
 * refer to until it is closed.
 */
final class Requests implements AutoCloseable {
  static final int FLAG_REQUEST = 1;
  static final int FLAG_ACKNOWLEDGE = 4;

  private final MessageWriter writer = new MessageWriter();
  private final int firstSequence;
  private final List<Change> changeOfMessage = new ArrayList<>();
  private final Map<NetworkNamespace, Integer> descriptors = new HashMap<>();

  Requests(int firstSequence) {
    this.firstSequence = firstSequence;
  }

  /** Starts a message that asks for an acknowledgement, on behalf of a change. */
  MessageWriter begin(Change change, int type, int flags) {
    int sequence = firstSequence + changeOfMessage.size();
    changeOfMessage.add(change);
    return writer.begin(type, flags | FLAG_REQUEST | FLAG_ACKNOWLEDGE, sequence);
  }

  int descriptor(NetworkNamespace namespace) {
    return descriptors.computeIfAbsent(namespace, NetworkNamespace::openDescriptor);
  }

  byte[] toBytes() {
    return writer.toBytes();
  }

  int length() {
    return writer.length();
  }

  int messages() {
    return changeOfMessage.size();
  }

  Change change(int message) {
    return changeOfMessage.get(message);
  }

  int firstSequence() {
    return firstSequence;
  }

  @Override
  public void close() {
    descriptors.values().forEach(Descriptors::close);
  }
}
