package dev.hanse.kernel.netlink;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.ForwardingEntry;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.Neighbour;
import dev.hanse.kernel.network.Route;
import dev.hanse.kernel.network.Rule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The network settings of one namespace. Safe for several threads, which take turns; cheap to open
 * for a few calls, and to keep for a loop.
 *
 * <p>All methods throw {@link KernelException} with the operation's name, errno's text and the
 * kernel's own explanation if it gives one.
 */
public final class Netlink implements AutoCloseable {
  /** Failure of one change of a batch. */
  public record Failure(Change change, KernelException reason) {}

  private static final int BATCH_MESSAGES_MAX = 200;

  /** Room that one more change surely fits into: a link of each kind needs some hundred bytes. */
  private static final int BATCH_BYTES = MessageWriter.BYTES_MAX - 4096;

  private static final int FAILURES_TOLD_MAX = 10;
  private static final int DUMP_ATTEMPTS_MAX = 10;
  private static final int FLAG_DUMP = 0x300;
  private static final int FLAG_ERROR_HAS_EXPLANATION = 0x200;

  /** An error quotes the refused message's header, the end of a dump does not. */
  private static final int ERROR_EXPLANATION_OFFSET = 4 + MessageWriter.HEADER_BYTES;

  private static final int DONE_EXPLANATION_OFFSET = 4;
  private static final int ERROR_ATTRIBUTE_TEXT = 1;

  private final NetworkNamespace namespace;
  private final NetlinkSocket socket;
  private final ReentrantLock turn = new ReentrantLock();
  private int sequence;

  private Netlink(NetworkNamespace namespace) {
    this.namespace = namespace;
    this.socket = new NetlinkSocket(namespace, NetlinkSocket.ROUTE);
  }

  /** Opens a netlink socket inside the namespace; it keeps the namespace alive until closed. */
  public static Netlink open(NetworkNamespace namespace) {
    return new Netlink(namespace);
  }

  /** The namespace that this is bound to. */
  public NetworkNamespace namespace() {
    return namespace;
  }

  /**
   * Makes the changes in order; stops nowhere, and throws the first failure when all were tried.
   */
  public void apply(Change... changes) {
    apply(List.of(changes));
  }

  /**
   * Makes the changes in order; stops nowhere, and throws the first failure when all were tried.
   */
  public void apply(List<Change> changes) {
    List<Failure> failures = attempt(changes);
    if (!failures.isEmpty()) {
      KernelException first = failures.getFirst().reason();
      failures.stream()
          .skip(1)
          .limit(FAILURES_TOLD_MAX)
          .forEach(next -> first.addSuppressed(next.reason()));
      throw first;
    }
  }

  /** Makes the changes in order, many with one system call, and returns those that failed. */
  public List<Failure> attempt(List<Change> changes) {
    turn.lock();
    try {
      List<Failure> failures = new ArrayList<>();
      int next = 0;
      while (next < changes.size()) {
        try (Requests requests = new Requests(sequence + 1)) {
          do {
            changes.get(next++).encode(requests);
          } while (next < changes.size()
              && requests.messages() < BATCH_MESSAGES_MAX
              && requests.length() < BATCH_BYTES);
          sequence += requests.messages();
          exchange(requests, failures);
        }
      }
      return failures;
    } finally {
      turn.unlock();
    }
  }

  private void exchange(Requests requests, List<Failure> failures) {
    String operation = requests.change(0).operation();
    socket.send(operation, requests.toBytes());
    int answered = 0;
    while (answered < requests.messages()) {
      for (Message message : Message.split(socket.receive(operation))) {
        int position = message.sequence() - requests.firstSequence();
        if (message.type() == Message.ERROR && position >= 0 && position < requests.messages()) {
          answered++;
          Change change = requests.change(position);
          // Of a change of several messages the first failure explains the others.
          if (failures.isEmpty() || failures.getLast().change() != change) {
            failure(change.operation(), message)
                .ifPresent(reason -> failures.add(new Failure(change, reason)));
          }
        }
      }
    }
  }

  /** Reads an error message; empty for error 0, which is an acknowledgement. */
  private static Optional<KernelException> failure(String operation, Message message) {
    int error = message.body().getInt(0);
    if (error == 0) {
      return Optional.empty();
    }
    Errno errno = new Errno(-error);
    Optional<String> explanation =
        (message.flags() & FLAG_ERROR_HAS_EXPLANATION) == 0
            ? Optional.empty()
            : message
                .attributesAfter(
                    message.type() == Message.DONE
                        ? DONE_EXPLANATION_OFFSET
                        : ERROR_EXPLANATION_OFFSET)
                .text(ERROR_ATTRIBUTE_TEXT);
    return Optional.of(
        explanation
            .map(text -> new KernelException(operation, errno, text))
            .orElseGet(() -> new KernelException(operation, errno)));
  }

  /** All interfaces of the namespace. */
  public List<Link> links() {
    return dump("list links", LinkCodec.GET, LinkCodec::writeListRequest, LinkCodec::decode);
  }

  /** The interface of that name. */
  public Optional<Link> link(String name) {
    String operation = "find link " + name;
    turn.lock();
    try {
      send(operation, LinkCodec.GET, 0, writer -> LinkCodec.writeFindRequest(writer, name));
      Message answer;
      do {
        answer = Message.split(socket.receive(operation)).getFirst();
      } while (answer.sequence() != sequence);
      if (answer.type() != Message.ERROR) {
        return LinkCodec.decode(answer);
      }
      Optional<KernelException> failure = failure(operation, answer);
      if (failure.isPresent() && !failure.get().notFound()) {
        throw failure.get();
      }
      return Optional.empty();
    } finally {
      turn.unlock();
    }
  }

  /**
   * The index of the interface of that name.
   *
   * @throws KernelException with ENODEV if there is none
   */
  public int index(String name) {
    return link(name)
        .map(Link::index)
        .orElseThrow(() -> new KernelException("find link " + name, Errno.ENODEV));
  }

  /** All addresses of all interfaces. */
  public List<Address> addresses() {
    return dump("list addresses", Addresses.GET, Addresses::writeListRequest, Addresses::decode);
  }

  /** All routes of all tables, IPv4 and IPv6, also those that the kernel made itself. */
  public List<Route> routes() {
    return dump("list routes", Routes.GET, Routes::writeListRequest, Routes::decode);
  }

  /** All routing rules, IPv4 and IPv6, also the three that the kernel starts with. */
  public List<Rule> rules() {
    return dump("list rules", Rules.GET, Rules::writeListRequest, Rules::decode);
  }

  /** All neighbours of one interface. */
  public List<Neighbour> neighbours(int index) {
    return dump(
        "list neighbours",
        Neighbours.GET,
        writer -> Neighbours.writeListRequest(writer, index),
        Neighbours::decode);
  }

  /** All forwarding entries of one interface: of a bridge's port, or a VXLAN's own. */
  public List<ForwardingEntry> forwardingEntries(int index) {
    return dump(
        "list forwarding entries",
        Neighbours.GET,
        writer -> ForwardingEntries.writeListRequest(writer, index),
        ForwardingEntries::decode);
  }

  private <T> List<T> dump(
      String operation,
      int type,
      Consumer<MessageWriter> request,
      Function<Message, Optional<T>> decoder) {
    turn.lock();
    try {
      for (int attempt = 0; attempt < DUMP_ATTEMPTS_MAX; attempt++) {
        send(operation, type, FLAG_DUMP, request);
        List<T> found = new ArrayList<>();
        if (collect(operation, decoder, found)) {
          return found;
        }
      }
      throw new KernelException(operation, Errno.EAGAIN, "changes all the time");
    } finally {
      turn.unlock();
    }
  }

  private void send(String operation, int type, int flags, Consumer<MessageWriter> request) {
    MessageWriter writer = new MessageWriter();
    sequence++;
    writer.begin(type, Requests.FLAG_REQUEST | flags, sequence);
    request.accept(writer);
    writer.end();
    socket.send(operation, writer.toBytes());
  }

  /** Receives one dump; false if a change disturbed it. */
  private <T> boolean collect(
      String operation, Function<Message, Optional<T>> decoder, List<T> found) {
    boolean consistent = true;
    while (true) {
      ByteBuffer datagram = socket.receive(operation);
      for (Message message : Message.split(datagram)) {
        if (message.sequence() != sequence) {
          continue;
        }
        consistent &= (message.flags() & Message.FLAG_DUMP_INTERRUPTED) == 0;
        if (message.type() == Message.ERROR || message.type() == Message.DONE) {
          Optional<KernelException> failure =
              message.body().limit() < Integer.BYTES
                  ? Optional.empty()
                  : failure(operation, message);
          if (failure.isPresent()) {
            throw failure.get();
          }
          return consistent;
        }
        decoder.apply(message).ifPresent(found::add);
      }
    }
  }

  @Override
  public void close() {
    turn.lock();
    try {
      socket.close();
    } finally {
      turn.unlock();
    }
  }
}
