package dev.hanse.agent.network;

import dev.hanse.agent.network.NetworkLoop.Message;
import dev.hanse.agent.network.host.TaskNamespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Namespaces that are being made, each on a thread of its own, so that many tasks can start while
 * the loop goes on; no more at a time than there are processors. The kernel may take long where
 * many make links at once, and who waits in it holds a thread of the processor's: so these are not
 * virtual. Of the loop's thread.
 */
final class Builds {
  private static final Duration IDLE_MAX = Duration.ofSeconds(10);

  /**
   * One of them.
   *
   * @param outcome the namespace with everything in it
   * @param done whom to answer
   * @param held messages about the task, to be taken when it is built
   */
  record Build(
      CompletableFuture<TaskNamespace> outcome,
      CompletableFuture<TaskNetwork> done,
      List<Message> held) {

    /**
     * Waits for it.
     *
     * @throws RuntimeException what went wrong
     */
    TaskNamespace namespace() {
      try {
        return outcome.join();
      } catch (CompletionException fault) {
        throw fault.getCause() instanceof RuntimeException known ? known : fault;
      }
    }
  }

  private final Map<String, Build> running = new TreeMap<>();
  private final ThreadPoolExecutor builders;
  private final Consumer<Message> loop;

  /**
   * @param loop takes a message when one is built; may block
   */
  Builds(Consumer<Message> loop) {
    this.loop = loop;
    int atOnce = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.builders =
        new ThreadPoolExecutor(
            atOnce,
            atOnce,
            IDLE_MAX.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(), // As many as there are tasks, see TaskTable.TASKS_MAX.
            Thread.ofPlatform().daemon().name("network-builder-", 0).factory());
    builders.allowCoreThreadTimeOut(true);
  }

  void start(String taskId, CompletableFuture<TaskNetwork> done, Supplier<TaskNamespace> work) {
    CompletableFuture<TaskNamespace> outcome = new CompletableFuture<>();
    builders.execute(
        () -> {
          try {
            outcome.complete(work.get());
          } catch (RuntimeException | Error fault) {
            outcome.completeExceptionally(fault);
          }
          loop.accept(new Message.Built(taskId));
        });
    running.put(taskId, new Build(outcome, done, new ArrayList<>()));
  }

  boolean contains(String taskId) {
    return running.containsKey(taskId);
  }

  /** Keeps a message until the task is built. */
  void hold(String taskId, Message message) {
    Build build = running.get(taskId);
    if (build == null) {
      throw new IllegalStateException("nothing is built for task " + taskId);
    }
    build.held.add(message);
  }

  List<String> taskIds() {
    return List.copyOf(running.keySet());
  }

  /** Takes one out; empty when it was taken before. */
  Optional<Build> remove(String taskId) {
    return Optional.ofNullable(running.remove(taskId));
  }
}
