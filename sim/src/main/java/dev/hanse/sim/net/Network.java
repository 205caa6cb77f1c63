package dev.hanse.sim.net;

import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** What lies between the hosts: delay, loss, duplication, cuts in one direction or both. */
public final class Network {
  private static final long DELAY_MIN = Timeline.MS / 5;
  private static final int SLOW_ONE_IN = 100;
  private static final int SLOW_FACTOR = 50;

  private final Timeline timeline;
  private final RandomGenerator random;
  private final Set<Direction> cut = new HashSet<>();
  private long delayMax = 2 * Timeline.MS;
  private double loss;
  private double duplication;

  private record Direction(String from, String to) {}

  /** A network in order. */
  public Network(Timeline timeline, RandomGenerator random) {
    this.timeline = timeline;
    this.random = random;
  }

  /** From now on messages take up to so long, rarely many times that. */
  public void setDelayMax(long nanos) {
    delayMax = nanos;
  }

  /** From now on datagrams are lost, or come twice, with these probabilities. */
  public void setFaults(double lossProbability, double duplicationProbability) {
    loss = lossProbability;
    duplication = duplicationProbability;
  }

  /** Nothing gets from one host to another any more; the other direction is untouched. */
  public void cut(String from, String to) {
    cut.add(new Direction(from, to));
  }

  /** Undoes {@link #cut}. */
  public void join(String from, String to) {
    cut.remove(new Direction(from, to));
  }

  /** Everything in order again. */
  public void heal() {
    cut.clear();
    loss = 0;
    duplication = 0;
    delayMax = 2 * Timeline.MS;
  }

  /** Does a message get from one to the other now? */
  public boolean isOpen(String from, String to) {
    return from.equals(to) || !cut.contains(new Direction(from, to));
  }

  /** Does a message get along the hosts in this order now? */
  boolean isOpen(List<Machine> path) {
    for (int i = 1; i < path.size(); i++) {
      if (!isOpen(path.get(i - 1).name(), path.get(i).name())) {
        return false;
      }
    }
    return true;
  }

  /** Sends what may be lost, late, doubled or overtaken; {@code arrival} is run at the receiver. */
  public void datagram(String from, Machine to, Runnable arrival) {
    if (!isOpen(from, to.name()) || random.nextDouble() < loss) {
      return;
    }
    int copies = random.nextDouble() < duplication ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      timeline.after(
          delay(),
          () -> {
            if (isOpen(from, to.name())) {
              to.receive(arrival);
            }
          });
    }
  }

  /** How long a message takes. */
  long delay() {
    long delay = random.nextLong(DELAY_MIN, delayMax);
    return random.nextInt(SLOW_ONE_IN) == 0 ? delay * SLOW_FACTOR : delay;
  }

  /** As {@link #delay}, with the pauses of a transport that repeats what is lost. */
  long reliableDelay() {
    long delay = delay();
    while (random.nextDouble() < loss) {
      delay += 200 * Timeline.MS;
    }
    return delay;
  }

  Timeline timeline() {
    return timeline;
  }

  RandomGenerator random() {
    return random;
  }
}
