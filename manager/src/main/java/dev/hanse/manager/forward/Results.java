package dev.hanse.manager.forward;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import java.util.List;
import java.util.Optional;

/** How the outcome of a command travels back. */
final class Results {
  /**
   * On each answer that is a decision: the index up to which the leader's state holds what was
   * written, 0 if nothing was. Without it a failure says nothing of whether the command was
   * decided.
   */
  static final Metadata.Key<String> INDEX =
      Metadata.Key.of("hanse-log-index", Metadata.ASCII_STRING_MARSHALLER);

  private Results() {}

  /** The response that holds a result; the results of commands without an object are empty. */
  static <A extends Message> A response(MethodDescriptor<?, A> method, Optional<Message> result) {
    if (!(method.getResponseMarshaller() instanceof PrototypeMarshaller<A> marshaller)
        || marshaller.getMessagePrototype() == null) {
      throw new IllegalStateException(method.getFullMethodName() + " has no protobuf response");
    }
    A empty = marshaller.getMessagePrototype();
    List<FieldDescriptor> fields = empty.getDescriptorForType().getFields();
    if (result.isEmpty() || fields.isEmpty()) {
      return empty;
    }
    Message filled = empty.toBuilder().setField(fields.getFirst(), result.get()).build();
    return marshaller.getMessageClass().cast(filled);
  }

  /** The result in a response. */
  static Optional<Message> result(Message response) {
    return response.getAllFields().values().stream()
        .filter(Message.class::isInstance)
        .map(Message.class::cast)
        .findFirst();
  }

  static Metadata trailers(long index) {
    Metadata trailers = new Metadata();
    trailers.put(INDEX, Long.toString(index));
    return trailers;
  }

  /** The index; empty if the answer is no decision. */
  static Optional<Long> index(Metadata trailers) {
    String text = trailers.get(INDEX);
    try {
      return text == null ? Optional.empty() : Optional.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
