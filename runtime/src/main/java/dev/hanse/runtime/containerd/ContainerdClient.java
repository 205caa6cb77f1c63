package dev.hanse.runtime.containerd;

import dev.hanse.containerd.containers.ContainersGrpc;
import dev.hanse.containerd.content.ContentGrpc;
import dev.hanse.containerd.diff.DiffGrpc;
import dev.hanse.containerd.events.EventsGrpc;
import dev.hanse.containerd.images.ImagesGrpc;
import dev.hanse.containerd.leases.LeasesGrpc;
import dev.hanse.containerd.namespaces.NamespacesGrpc;
import dev.hanse.containerd.snapshots.SnapshotsGrpc;
import dev.hanse.containerd.tasks.TasksGrpc;
import dev.hanse.containerd.version.VersionGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC calls to one containerd in one containerd namespace. One connection, one event-loop
 * thread; it reconnects by itself. Calls wait for the connection and end by {@link CallRules}'
 * deadline.
 */
public final class ContainerdClient implements AutoCloseable {
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> LEASE =
      Metadata.Key.of("containerd-lease", Metadata.ASCII_STRING_MARSHALLER);

  private static final int MESSAGE_BYTES_MAX = 16 << 20;
  private static final int FLOW_WINDOW_BYTES = 1 << 20;
  private static final int MEMORY_PAGE_BYTES = 8192;
  private static final int MEMORY_CHUNK_ORDER = 6;
  private static final long CLOSE_SECONDS = 5;

  private final MultiThreadIoEventLoopGroup loop;
  private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();
  private final ManagedChannel connection;
  private final CallRules rules = new CallRules();
  private final Channel channel;
  private final DiskRoom disk;

  /**
   * Connects lazily to that socket.
   *
   * @param disk where this containerd keeps images
   */
  public ContainerdClient(Path socket, String namespace, DiskRoom disk) {
    this.disk = disk;
    loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("containerd", true), EpollIoHandler.newFactory());
    // One arena with chunks of 512 KiB: the traffic is small messages, and layers one at a time.
    var memory =
        new PooledByteBufAllocator(true, 1, 1, MEMORY_PAGE_BYTES, MEMORY_CHUNK_ORDER, 0, 0, false);
    connection =
        NettyChannelBuilder.forAddress(
                new DomainSocketAddress(socket.toFile()), InsecureChannelCredentials.create())
            .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
            .eventLoopGroup(loop)
            .withOption(ChannelOption.ALLOCATOR, memory)
            // gRPC sets it on every socket; this kind has no such option and would warn.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("localhost")
            .executor(callbacks)
            .offloadExecutor(callbacks)
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .flowControlWindow(FLOW_WINDOW_BYTES)
            .disableRetry()
            .build();
    Metadata headers = new Metadata();
    headers.put(NAMESPACE, namespace);
    channel =
        ClientInterceptors.intercept(
            connection, rules, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** The calls without a lease. */
  public Calls calls() {
    return new Calls(channel, disk);
  }

  /** Calls whose new content and snapshots are held by that lease. */
  public Calls calls(Lease lease) {
    Metadata headers = new Metadata();
    headers.put(LEASE, lease.id());
    return new Calls(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
        disk);
  }

  /** Number of calls made so far: what an operation costs can be measured. */
  public long callCount() {
    return rules.callCount();
  }

  /** Tries to connect at once, not after the usual pause between attempts. */
  public void reconnectNow() {
    connection.resetConnectBackoff();
  }

  @Override
  public void close() {
    connection.shutdownNow();
    try {
      if (!connection.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        connection.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    callbacks.shutdown();
  }

  /** The services of containerd as blocking stubs over one channel. */
  public static final class Calls {
    private final Channel channel;
    private final DiskRoom disk;
    private final ContainersGrpc.ContainersBlockingStub containers;
    private final SnapshotsGrpc.SnapshotsBlockingStub snapshots;
    private final TasksGrpc.TasksBlockingStub tasks;

    private Calls(Channel channel, DiskRoom disk) {
      this.channel = channel;
      this.disk = disk;
      containers = ContainersGrpc.newBlockingStub(channel);
      snapshots = SnapshotsGrpc.newBlockingStub(channel);
      tasks = TasksGrpc.newBlockingStub(channel);
    }

    /** The disk that content and snapshots go to. */
    public DiskRoom disk() {
      return disk;
    }

    /** Container records. */
    public ContainersGrpc.ContainersBlockingStub containers() {
      return containers;
    }

    /** File systems. */
    public SnapshotsGrpc.SnapshotsBlockingStub snapshots() {
      return snapshots;
    }

    /** Running containers and their processes. */
    public TasksGrpc.TasksBlockingStub tasks() {
      return tasks;
    }

    /** Image names. */
    public ImagesGrpc.ImagesBlockingStub images() {
      return ImagesGrpc.newBlockingStub(channel);
    }

    /** Blobs; this kind of stub also blocks on both directions of a stream. */
    public ContentGrpc.ContentBlockingV2Stub content() {
      return ContentGrpc.newBlockingV2Stub(channel);
    }

    /** Applying layers. */
    public DiffGrpc.DiffBlockingStub diff() {
      return DiffGrpc.newBlockingStub(channel);
    }

    /** What garbage collection must leave alone. */
    public LeasesGrpc.LeasesBlockingStub leases() {
      return LeasesGrpc.newBlockingStub(channel);
    }

    /** containerd's namespaces. */
    public NamespacesGrpc.NamespacesBlockingStub namespaces() {
      return NamespacesGrpc.newBlockingStub(channel);
    }

    /** What happens. */
    public EventsGrpc.EventsBlockingStub events() {
      return EventsGrpc.newBlockingStub(channel);
    }

    /** Which containerd this is. */
    public VersionGrpc.VersionBlockingStub version() {
      return VersionGrpc.newBlockingStub(channel);
    }
  }
}
