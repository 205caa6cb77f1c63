package dev.hanse.sim.life;

import dev.hanse.sim.check.Invariants;
import dev.hanse.sim.check.States;
import dev.hanse.sim.check.Violation;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.sim.world.Host;
import dev.hanse.sim.world.Options;
import dev.hanse.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** One life of a swarm: founded, troubled, repaired, judged. The seed says everything. */
public final class Simulation {
  private static final long SETTLING_MAX = 240 * Timeline.SECOND;
  private static final long STAYING = 6 * Timeline.SECOND;
  private static final long SAVED_EVERY = 10 * Timeline.SECOND;

  private final World world;
  private final Options options;
  private final Histories histories = new Histories();
  private final List<Client> clients = new ArrayList<>();
  private final long seed;
  private long events;

  private Simulation(long seed, Options options, boolean recording) {
    this.seed = seed;
    this.options = options;
    this.world = new World(seed, options, recording);
  }

  /**
   * What came of it.
   *
   * @param hash the same for each run of the same seed by the same program
   * @param events that happened
   * @param entries of the log that were committed
   * @param writes of clients that were answered
   * @param nanos of virtual time
   * @param failure what was violated
   * @param trace the lines, if they were asked for
   */
  public record Result(
      long seed,
      long hash,
      long events,
      int entries,
      int writes,
      long nanos,
      Optional<Throwable> failure,
      List<String> trace) {}

  /** The options that go with a seed. */
  public static Options options(long seed) {
    return Options.drawn(new SplittableRandom(~seed));
  }

  /** Runs one seed. */
  public static Result run(long seed, Options options, boolean recording) {
    return new Simulation(seed, options, recording).run();
  }

  private Result run() {
    Optional<Throwable> failure = Optional.empty();
    try {
      live();
    } catch (Violation | RuntimeException | StackOverflowError fault) {
      failure = Optional.of(fault);
    }
    return new Result(
        seed,
        world.trace().hash(),
        events,
        world.committed().count(),
        histories.answered(),
        world.timeline().nanos(),
        failure,
        world.trace().lines());
  }

  private void live() {
    world.trace().line("%s", options);
    new Founding(world).found();
    for (int i = 1; i <= options.clients(); i++) {
      Client client = new Client(world, person("c" + i), histories);
      clients.add(client);
      client.begin();
    }
    Operator operator = new Operator(world, person("operator"));
    if (options.membershipChanges()) {
      operator.begin();
    }
    Trouble trouble = new Trouble(world);
    trouble.begin();
    long repaired = world.timeline().nanos() + options.troubleSeconds() * Timeline.SECOND;
    while (world.timeline().nanos() < repaired) {
      advance(Math.min(SAVED_EVERY, repaired - world.timeline().nanos()));
      States.survivesSaving(world.committed().newest());
    }
    clients.forEach(Client::stop);
    operator.stop();
    trouble.end();
    settle();
    if (options.calmTrials()) {
      CalmTrials trials = new CalmTrials(world, this::advance);
      trials.pause();
      trials.death();
      converge();
    }
    judge();
    empty();
  }

  /** Everything is removed: in the end there is as much of everything as in the beginning. */
  private void empty() {
    Emptying emptying = new Emptying(world, person("remover"));
    emptying.begin();
    long end = world.timeline().nanos() + SETTLING_MAX;
    while (emptying.left().isPresent() && world.timeline().nanos() < end) {
      advance(Timeline.SECOND);
    }
    emptying
        .left()
        .ifPresent(
            what -> {
              throw new Violation("left after everything was removed: " + what);
            });
    Invariants.check(world.committed().newest(), world.committed().newest());
  }

  private Machine person(String name) {
    Machine machine = new Machine(world.timeline(), name, 0);
    machine.start();
    return machine;
  }

  private void advance(long nanos) {
    events += world.timeline().runUntil(world.timeline().nanos() + nanos);
  }

  private void settle() {
    // Whoever still waits for an answer gets it, or gives up.
    advance(5 * Timeline.SECOND);
    Client last = new Client(world, person("last"), histories);
    clients.add(last);
    last.settle();
    converge();
    // It also stays so, but for the moment in which some last entry spreads.
    Convergence convergence = new Convergence(world);
    advance(STAYING);
    if (convergence.missing().isPresent()) {
      advance(Timeline.SECOND);
      convergence
          .missing()
          .ifPresent(
              reason -> {
                throw new Violation("did not stay as it should be: " + reason);
              });
    }
  }

  private void converge() {
    long end = world.timeline().nanos() + SETTLING_MAX;
    Convergence convergence = new Convergence(world);
    Optional<String> missing = convergence.missing();
    while (missing.isPresent() && world.timeline().nanos() < end) {
      advance(Timeline.SECOND);
      missing = convergence.missing();
    }
    if (missing.isPresent()) {
      throw new Violation("not as it should be after everything was repaired: " + missing.get());
    }
  }

  private void judge() {
    for (Host host : world.managerHosts()) {
      host.manager().ifPresent(run -> world.committed().agrees(host.name(), run.snapshot()));
    }
    Invariants.check(world.committed().newest(), world.committed().newest());
    States.survivesSaving(world.committed().newest());
    clients.forEach(Client::giveUp);
    Client.readLast(histories, world.committed().newest(), world.timeline().nanos());
    histories.check();
  }
}
