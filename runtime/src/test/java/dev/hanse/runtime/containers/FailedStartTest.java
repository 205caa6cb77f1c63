package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Empty;
import dev.hanse.containerd.task.Process;
import dev.hanse.containerd.tasks.CreateTaskRequest;
import dev.hanse.containerd.tasks.CreateTaskResponse;
import dev.hanse.containerd.tasks.DeleteResponse;
import dev.hanse.containerd.tasks.DeleteTaskRequest;
import dev.hanse.containerd.tasks.GetRequest;
import dev.hanse.containerd.tasks.GetResponse;
import dev.hanse.containerd.tasks.KillRequest;
import dev.hanse.containerd.tasks.StartRequest;
import dev.hanse.containerd.tasks.StartResponse;
import dev.hanse.containerd.tasks.TasksGrpc;
import dev.hanse.containerd.tasks.WaitRequest;
import dev.hanse.containerd.tasks.WaitResponse;
import dev.hanse.containerd.types.Mount;
import dev.hanse.health.Health;
import dev.hanse.kernel.pipe.Pipes;
import dev.hanse.runtime.Output;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.DiskRoom;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.OutputThread;
import dev.hanse.runtime.process.StandardStreams;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** containerd goes away between a task's creation and its start, and stays away for a while. */
@Tag("attack")
class FailedStartTest {
  @TempDir Path directory;

  private final Tasks tasks = new Tasks();
  private final MultiThreadIoEventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Pipes pipes = Pipes.start(new OutputThread(new Health()));
  private Server server;
  private ContainerdClient client;
  private TaskRuns runs;
  private LiveContainer container;

  /** As many tasks as were made and not removed; runs no process. */
  private static final class Tasks extends TasksGrpc.TasksImplBase {
    final Map<String, Boolean> running = new ConcurrentHashMap<>();
    volatile boolean away;

    private static <T> void answer(StreamObserver<T> to, T value) {
      to.onNext(value);
      to.onCompleted();
    }

    private <T> boolean lost(StreamObserver<T> to) {
      if (away) {
        to.onError(Status.UNAVAILABLE.withDescription("connection closed").asException());
      }
      return away;
    }

    @Override
    public void create(CreateTaskRequest request, StreamObserver<CreateTaskResponse> to) {
      if (running.putIfAbsent(request.getContainerId(), false) != null) {
        to.onError(Status.ALREADY_EXISTS.asException());
      } else {
        answer(to, CreateTaskResponse.newBuilder().setPid(7).build());
      }
    }

    /** Done, but the answer is lost. */
    @Override
    public void start(StartRequest request, StreamObserver<StartResponse> to) {
      running.put(request.getContainerId(), true);
      if (!lost(to)) {
        answer(to, StartResponse.newBuilder().setPid(7).build());
      }
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> to) {
      if (lost(to)) {
        return;
      }
      if (running.containsKey(request.getContainerId())) {
        answer(
            to,
            GetResponse.newBuilder()
                .setProcess(Process.newBuilder().setId(request.getContainerId()))
                .build());
      } else {
        to.onError(Status.NOT_FOUND.asException());
      }
    }

    @Override
    public void kill(KillRequest request, StreamObserver<Empty> to) {
      running.replace(request.getContainerId(), false);
      answer(to, Empty.getDefaultInstance());
    }

    @Override
    public void wait(WaitRequest request, StreamObserver<WaitResponse> to) {
      answer(to, WaitResponse.getDefaultInstance());
    }

    @Override
    public void delete(DeleteTaskRequest request, StreamObserver<DeleteResponse> to) {
      if (lost(to)) {
        return;
      }
      if (Boolean.TRUE.equals(running.get(request.getContainerId()))) {
        to.onError(Status.FAILED_PRECONDITION.asException());
      } else {
        running.remove(request.getContainerId());
        answer(to, DeleteResponse.getDefaultInstance());
      }
    }
  }

  @BeforeEach
  void open() throws Exception {
    Path socket = directory.resolve("containerd.sock");
    server =
        NettyServerBuilder.forAddress(
                new DomainSocketAddress(socket.toFile()), InsecureServerCredentials.create())
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(threads)
            .workerEventLoopGroup(threads)
            .addService(tasks)
            .build()
            .start();
    client = new ContainerdClient(socket, "test", new DiskRoom(directory));
    runs =
        new TaskRuns(
            client,
            new ContainerRecords(client),
            new WritableLayers(client),
            new MountTrees(directory.resolve("mounts")),
            new ContainerEvents(new Health()),
            1);
    container = new LiveContainer("c1", Map.of());
    container.rootfs(List.of(Mount.newBuilder().setType("bind").build()));
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    assertThat(server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    pipes.close();
    var unused = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private StandardStreams streams() {
    return StandardStreams.create(pipes, directory.resolve("io"), "", false, false, new Output());
  }

  private void startInVain() throws Exception {
    tasks.away = true;
    RuntimeFault fault =
        catchThrowableOfType(RuntimeFault.class, () -> runs.start(container, streams()));
    assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.UNAVAILABLE);
    try (var fifos = Files.list(directory.resolve("io"))) {
      assertThat(fifos).isEmpty();
    }
    tasks.away = false;
  }

  @Test
  void a_start_and_a_delete_that_both_fail_leave_no_run_and_are_cleared_later() throws Exception {
    startInVain();
    assertThat(container.run()).as("nothing runs, as far as is known").isEmpty();
    assertThat(tasks.running).containsKey("c1");

    runs.clear(container);
    assertThat(tasks.running).isEmpty();
    assertThat(container.isUncleared()).isFalse();
    assertThat(runs.start(container, streams())).isEqualTo(7);
    assertThat(container.isRunning()).isTrue();
  }

  @Test
  void an_earlier_run_stays_the_last_one() throws Exception {
    LiveContainer.Run before = LiveContainer.Run.of(streams(), Instant.EPOCH);
    before.exit().complete(new ExitStatus(3, Instant.EPOCH, false));
    container.run(before);

    startInVain();
    assertThat(container.run()).contains(before);
    assertThat(container.isUncleared()).isTrue();
  }
}
