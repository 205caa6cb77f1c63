package dev.hanse.agent.network;

import dev.hanse.agent.network.NetworkLoop.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Namespaces that are being made, each on a thread of its own, so that many tasks can start while
 * the loop goes on; no more at a time than there are processors. Of the loop's thread.
 */
final class Builds {
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
  private final Semaphore turns =
      new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));
  private final Consumer<Message> loop;

  /**
   * @param loop takes a message when one is built; may block
   */
  Builds(Consumer<Message> loop) {
    this.loop = loop;
  }

  void start(String taskId, CompletableFuture<TaskNetwork> done, Supplier<TaskNamespace> work) {
    CompletableFuture<TaskNamespace> outcome = new CompletableFuture<>();
    running.put(taskId, new Build(outcome, done, new ArrayList<>()));
    Thread.ofVirtual()
        .name("network-" + taskId)
        .start(
            () -> {
              turns.acquireUninterruptibly();
              try {
                outcome.complete(work.get());
              } catch (RuntimeException | Error fault) {
                outcome.completeExceptionally(fault);
              } finally {
                turns.release();
              }
              loop.accept(new Message.Built(taskId));
            });
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
