package dev.hanse.manager.calls;

import dev.hanse.calls.table.CallLimits;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Bounds what is decoded of a call: the server's own limit is for the longest of all messages. An
 * empty frame stands for one that is too long; it is out of place everywhere, so that it ends the
 * stream.
 */
final class FrameBounds {
  private FrameBounds() {}

  /** The same service, which decodes no frame that is longer than a frame may be. */
  static ServerServiceDefinition on(ServerServiceDefinition service) {
    ServerServiceDefinition.Builder bounded =
        ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
    service.getMethods().forEach(method -> bounded.addMethod(on(method)));
    return bounded.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> on(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new Bounded<>(descriptor.getRequestMarshaller()),
                descriptor.getResponseMarshaller())
            .build(),
        method.getServerCallHandler());
  }

  /**
   * Only the transport's own buffers say how long they are, before a byte of them is copied. What
   * is inflated does not know it: it is read up to one byte more than a frame may have.
   */
  record Bounded<T>(MethodDescriptor.Marshaller<T> marshaller)
      implements MethodDescriptor.Marshaller<T> {
    @Override
    public InputStream stream(T value) {
      return marshaller.stream(value);
    }

    @Override
    public T parse(InputStream stream) {
      try {
        if (stream instanceof KnownLength) {
          return marshaller.parse(
              stream.available() > CallLimits.FRAME_BYTES_MAX
                  ? InputStream.nullInputStream()
                  : stream);
        }
        byte[] frame = stream.readNBytes(CallLimits.FRAME_BYTES_MAX + 1);
        return marshaller.parse(
            frame.length > CallLimits.FRAME_BYTES_MAX
                ? InputStream.nullInputStream()
                : new ByteArrayInputStream(frame));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
