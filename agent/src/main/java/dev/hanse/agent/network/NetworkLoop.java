package dev.hanse.agent.network;

import dev.hanse.agent.workload.Workload;
import dev.hanse.gossip.GossipView;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.ForeignSubnet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns this node's networks. Messages wait in a bounded mailbox; those that are
 * there are taken together, then the difference to what the kernel has is applied, then they are
 * answered. Namespaces of new tasks are made by threads of their own meanwhile. On a timer the
 * kernel is read again and repaired.
 *
 * <p>Methods may be called from any thread and block while the mailbox is full.
 */
public final class NetworkLoop implements TaskNetworks, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NetworkLoop.class);
  private static final String CLOSED = "the node's networks are closed";
  private static final int MAILBOX_MAX = 1024;
  private static final int BATCH_MAX = 64;

  /** Routes may come and go all the time; each telling is a new session with a manager. */
  private static final Duration NEWS_PAUSE = Duration.ofMinutes(1);

  /** So many vain tries, within ten seconds or so, before those who wait are told. */
  private static final int ADOPTIONS_MAX = 16;

  /** What the loop is asked to do. */
  sealed interface Message {
    record Join(NodePlace place, CompletableFuture<Boolean> done) implements Message {}

    record Leave(CompletableFuture<Boolean> done) implements Message {}

    record Endpoints(EndpointsMessage message, LongConsumer applied, Consumer<String> refused)
        implements Message {}

    /** Gossip has something new to say. */
    record Listen() implements Message {}

    record Attach(Workload workload, CompletableFuture<TaskNetwork> done) implements Message {}

    record Detach(String taskId, CompletableFuture<Boolean> done) implements Message {}

    record KeepOnly(Set<String> taskIds, CompletableFuture<Boolean> done) implements Message {}

    record Repair(CompletableFuture<Boolean> done) implements Message {}

    /** A namespace was made, or could not be made. */
    record Built(String taskId) implements Message {}

    record Close(boolean clean, CompletableFuture<Boolean> done) implements Message {}
  }

  private final NetworkSettings settings;
  private final BlockingQueue<Message> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);
  private final NetworkReconciler networks;
  private final OwnerThread thread;
  private volatile boolean ended;
  private volatile @Nullable News news;

  /** What an earlier run left is known; of the thread. */
  private boolean adopted;

  private int adoptions;
  private long nextRepair = System.nanoTime();

  private volatile GossipView view = GossipView.EMPTY;

  private NetworkLoop(NetworkSettings settings) {
    this.settings = settings;
    this.networks = NetworkReconciler.open(settings, this::tell);
    this.thread = OwnerThread.named(settings.health(), "network").vital().of(new Turns());
  }

  /**
   * Starts with what an earlier run left: namespaces, links and rules stay as they are and are
   * repaired.
   *
   * @throws RuntimeException when the host's namespace or the run directory cannot be used
   */
  public static NetworkLoop start(NetworkSettings settings) {
    NetworkLoop loop = new NetworkLoop(settings);
    loop.thread.start();
    return loop;
  }

  /** Tells the node's place in the swarm's networks, before the first {@link #receive}. */
  public void join(NodePlace place) throws InterruptedException {
    ask(new Message.Join(place, new CompletableFuture<>()));
  }

  /** Forgets the swarm: its networks go, tasks that are still attached keep only their way out. */
  public void leave() throws InterruptedException {
    ask(new Message.Leave(new CompletableFuture<>()));
  }

  /**
   * Takes a message of the endpoint stream.
   *
   * @param applied called on the loop's thread with the message's index, or a later one, when its
   *     entries are applied to the kernel and to name resolution; must not block
   * @param refused called on the loop's thread with the reason when the message cannot be used:
   *     nothing of it holds, a complete one is needed; must not block
   */
  public void receive(EndpointsMessage message, LongConsumer applied, Consumer<String> refused)
      throws InterruptedException {
    put(new Message.Endpoints(message, applied, refused));
  }

  /**
   * Takes what gossip says of the nodes: as long as a service has ready tasks elsewhere, no new
   * connections go to its tasks on nodes that do not answer. Never blocks.
   */
  public void listen(GossipView heard) {
    view = heard;
    if (!mailbox.offer(new Message.Listen())) {
      log.debug("the loop has work and will see it");
    }
  }

  @Override
  public List<ForeignSubnet> foreignSubnets() {
    return networks.foreignSubnets();
  }

  @Override
  public void onForeignSubnets(Runnable listener) {
    news = new News(foreignSubnets(), System.nanoTime() - NEWS_PAUSE.toNanos(), listener);
  }

  /** What was told for the last time, when, and whom to tell. */
  private record News(List<ForeignSubnet> told, long nanoTime, Runnable listener) {}

  private void tellForeignSubnets() {
    News before = news;
    List<ForeignSubnet> now = foreignSubnets();
    if (before != null
        && !before.told.equals(now)
        && System.nanoTime() - before.nanoTime >= NEWS_PAUSE.toNanos()) {
      news = new News(now, System.nanoTime(), before.listener);
      before.listener.run();
    }
  }

  /** What is not applied and why, one sentence each; empty when all is well. */
  public List<String> faults() {
    return networks.faults();
  }

  @Override
  public TaskNetwork attach(Workload workload) throws TaskNetworkException, InterruptedException {
    Message.Attach message = new Message.Attach(workload, new CompletableFuture<>());
    put(message);
    try {
      return message.done.get();
    } catch (ExecutionException fault) {
      if (fault.getCause() instanceof TaskNetworkException known) {
        throw new TaskNetworkException(String.valueOf(known.getMessage()), known);
      }
      throw new TaskNetworkException("network of the task: " + fault.getCause(), fault);
    }
  }

  @Override
  public void detach(String taskId) throws InterruptedException {
    ask(new Message.Detach(taskId, new CompletableFuture<>()));
  }

  @Override
  public Set<String> holders() throws IOException {
    return new NetworkRecords(settings.runDirectory()).holders();
  }

  @Override
  public void keepOnly(Set<String> taskIds) throws InterruptedException {
    ask(new Message.KeepOnly(Set.copyOf(taskIds), new CompletableFuture<>()));
  }

  /** Reads the kernel again and repairs it now; returns when that is done. */
  public void repair() throws InterruptedException {
    ask(new Message.Repair(new CompletableFuture<>()));
  }

  /** Ends the loop and leaves the kernel as it is: containers go on without the daemon. */
  @Override
  public void close() {
    end(new Message.Close(false, new CompletableFuture<>()));
  }

  /**
   * Ends the loop and removes everything that it made in the kernel, tasks' namespaces included.
   *
   * @throws IllegalStateException if that could not all be removed
   */
  public void closeAndRemove() {
    CompletableFuture<Boolean> removed = new CompletableFuture<>();
    end(new Message.Close(true, removed));
    if (removed.isCompletedExceptionally()) {
      throw new IllegalStateException(
          "networks: " + removed.exceptionNow(), removed.exceptionNow());
    }
  }

  private void end(Message.Close message) {
    if (ended) {
      return;
    }
    tell(message);
    thread.awaitEnd();
  }

  private void ask(Message message) throws InterruptedException {
    CompletableFuture<?> done =
        switch (message) {
          case Message.Join join -> join.done;
          case Message.Leave leave -> leave.done;
          case Message.Attach attach -> attach.done;
          case Message.Detach detach -> detach.done;
          case Message.KeepOnly keepOnly -> keepOnly.done;
          case Message.Repair repair -> repair.done;
          case Message.Close close -> close.done;
          case Message.Endpoints _, Message.Listen _, Message.Built _ ->
              CompletableFuture.completedFuture(true);
        };
    put(message);
    try {
      done.get();
    } catch (ExecutionException fault) {
      throw new IllegalStateException(String.valueOf(fault.getCause()), fault);
    }
  }

  private void put(Message message) throws InterruptedException {
    do {
      requireRunning();
    } while (!mailbox.offer(message, 1, TimeUnit.SECONDS));
    if (ended) {
      // The loop may have looked into the mailbox for the last time before.
      var unused = refuseRest(CLOSED);
    }
  }

  /** Whatever interrupts it; the loop has other ways to know when it does not run any more. */
  private void tell(Message message) {
    boolean interrupted = false;
    boolean told = false;
    while (!told && !ended) {
      try {
        put(message);
        told = true;
      } catch (IllegalStateException closed) {
        log.debug("not told: {}", message, closed);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Refuses what is in the mailbox; whether it was asked to close. */
  private boolean refuseRest(String reason) {
    List<Message> rest = new ArrayList<>();
    mailbox.drainTo(rest);
    IllegalStateException refusal = new IllegalStateException(reason);
    rest.forEach(message -> NetworkReconciler.fail(message, refusal));
    return rest.stream().anyMatch(Message.Close.class::isInstance);
  }

  private void requireRunning() {
    if (ended) {
      throw new IllegalStateException(CLOSED);
    }
  }

  /** What the thread does; whatever it throws, all who wait are answered and it goes on. */
  private final class Turns implements Turn<List<Message>> {
    @Override
    public List<Message> await() throws InterruptedException {
      if (!adopted) {
        return List.of();
      }
      Duration untilRepair = Duration.ofNanos(nextRepair - System.nanoTime());
      Duration pause = networks.pause().orElse(untilRepair);
      return next(pause.compareTo(untilRepair) < 0 ? pause : untilRepair);
    }

    @Override
    public void perform(List<Message> batch) throws InterruptedException {
      if (!adopted) {
        adopt();
      }
      try {
        step(batch);
      } catch (InterruptedException | RuntimeException | Error fault) {
        batch.forEach(message -> NetworkReconciler.fail(message, fault));
        throw fault;
      }
    }
  }

  private void adopt() {
    try {
      networks.adopt();
      adopted = true;
    } catch (RuntimeException | Error fault) {
      if (++adoptions >= ADOPTIONS_MAX
          && refuseRest("the networks of an earlier run cannot be taken over: " + fault)) {
        finish();
      }
      throw fault;
    }
  }

  private void step(List<Message> batch) throws InterruptedException {
    boolean repair = System.nanoTime() - nextRepair >= 0;
    boolean running = batch.stream().noneMatch(Message.Close.class::isInstance);
    try {
      running = networks.step(batch, view, repair);
      if (repair) {
        tellForeignSubnets();
      }
    } finally {
      if (repair) {
        nextRepair = System.nanoTime() + settings.repairInterval().toNanos();
      }
      if (!running) {
        finish();
      }
    }
  }

  private void finish() {
    ended = true;
    thread.endAfterTurn();
    try {
      networks.close();
    } finally {
      var unused = refuseRest(CLOSED);
    }
  }

  /** Waits for a message and takes all that are there; empty when there is none in time. */
  private List<Message> next(Duration wait) throws InterruptedException {
    Message first = mailbox.poll(Math.max(0, wait.toNanos()), TimeUnit.NANOSECONDS);
    if (first == null) {
      return List.of();
    }
    List<Message> batch = new ArrayList<>();
    batch.add(first);
    mailbox.drainTo(batch, BATCH_MAX - 1);
    return batch;
  }
}
