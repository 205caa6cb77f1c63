package dev.hanse.systemtest;

import dev.hanse.lab.demo.WebRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Clients that ask a published port of all hosts without a break, each request on its own. */
final class Hammer implements AutoCloseable {
  private static final int CLIENTS = 3;

  /** So that the clients leave the machine's cores to those who are asked. */
  private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

  private final List<Thread> clients = new ArrayList<>();
  private final AtomicLong answered = new AtomicLong();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** Begins. */
  Hammer(List<String> addresses, int port) {
    for (int client = 0; client < CLIENTS; client++) {
      int first = client;
      clients.add(Thread.ofVirtual().start(() -> run(addresses, port, first)));
    }
  }

  private void run(List<String> addresses, int port, int first) {
    for (int turn = first; !closed; turn++) {
      String address = addresses.get(turn % addresses.size());
      try {
        int status = WebRequest.send(address, port).status();
        if (status == 200) {
          answered.incrementAndGet();
        } else {
          failures.add(Instant.now() + " " + address + ": status " + status);
        }
      } catch (IOException failure) {
        failures.add(Instant.now() + " " + address + ": " + failure);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** How many requests were answered. */
  long answered() {
    return answered.get();
  }

  /** What failed so far: when, where, how. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Ends when the last request is answered. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    for (Thread client : clients) {
      client.join();
    }
  }
}
