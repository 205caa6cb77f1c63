package dev.hanse.identity;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** The threads of all gRPC connections of a process: few for sockets, a virtual one per call. */
public final class NetworkThreads {
  // One node has a handful of connections and a manager a few hundred quiet ones.
  private static final int SOCKET_THREADS = 2;

  private static final EventLoopGroup SOCKETS =
      new MultiThreadIoEventLoopGroup(
          SOCKET_THREADS, new DefaultThreadFactory("hanse-net", true), NioIoHandler.newFactory());
  private static final Executor CALLS =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("hanse-call-", 0).factory());

  private NetworkThreads() {}

  /** Socket threads; never shut down. */
  public static EventLoopGroup sockets() {
    return SOCKETS;
  }

  /** Where calls are served and answers delivered; blocking is fine. */
  public static Executor calls() {
    return CALLS;
  }
}
