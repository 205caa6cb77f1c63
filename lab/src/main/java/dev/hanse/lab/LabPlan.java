package dev.hanse.lab;

import dev.hanse.text.Form;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a lab shall be.
 *
 * @param name tells labs apart; letters, digits and dashes, at most 20
 * @param managers how many hosts initialise or join as managers
 * @param workers how many hosts join as workers
 * @param block the N of the addresses 10.N.0.0/24, chosen free when empty
 * @param swarm whether the hosts are joined to a swarm, or left alone
 * @param engine which daemon runs on the hosts
 * @param daemonOptions further options of every daemon
 * @param environment further environment variables, by host name
 * @param limit how long each step of the making may take: a daemon's start, and the swarm's
 */
public record LabPlan(
    String name,
    int managers,
    int workers,
    OptionalInt block,
    boolean swarm,
    Engine engine,
    List<String> daemonOptions,
    Map<String, Map<String, String>> environment,
    Duration limit) {
  /** Enough for any machine on which a lab is of use. */
  public static final Duration LIMIT_DEFAULT = Duration.ofSeconds(60);

  private static final Form NAME = Form.of("[a-z0-9][a-z0-9-]*", 20);

  /** The largest number of hosts: their addresses are 10.N.0.1 and up. */
  public static final int HOSTS_MAX = 50;

  /** Checks the plan. */
  public LabPlan {
    if (!NAME.fits(name)) {
      throw new LabException(
          "invalid lab name \"" + name + "\": small letters, digits and dashes, at most 20");
    }
    if (managers < 1 || workers < 0 || managers + workers > HOSTS_MAX) {
      throw new LabException("a lab has at least one manager and at most " + HOSTS_MAX + " hosts");
    }
    if (block.isPresent() && (block.getAsInt() < 0 || block.getAsInt() > 255)) {
      throw new LabException("the address block is a number from 0 to 255: 10.N.0.0/24");
    }
    if (limit.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new LabException("the time limit is at least a second");
    }
    daemonOptions = List.copyOf(daemonOptions);
    environment = Map.copyOf(environment);
  }

  /** A plan with nothing special. */
  public static LabPlan of(String name, int managers, int workers) {
    return new LabPlan(
        name,
        managers,
        workers,
        OptionalInt.empty(),
        true,
        Engine.HANSE,
        List.of(),
        Map.of(),
        LIMIT_DEFAULT);
  }

  /** The same hosts, not joined to a swarm. */
  public LabPlan withoutSwarm() {
    return new LabPlan(
        name, managers, workers, block, false, engine, daemonOptions, environment, limit);
  }

  /** The same with another daemon. */
  public LabPlan withEngine(Engine wanted) {
    return new LabPlan(
        name, managers, workers, block, swarm, wanted, daemonOptions, environment, limit);
  }

  /** The same at 10.N.0.0/24. */
  public LabPlan withBlock(OptionalInt wanted) {
    return new LabPlan(
        name, managers, workers, wanted, swarm, engine, daemonOptions, environment, limit);
  }

  /** The same with more options for every daemon. */
  public LabPlan withDaemonOptions(List<String> options) {
    return new LabPlan(name, managers, workers, block, swarm, engine, options, environment, limit);
  }

  /** The same with environment variables for the daemon of one host. */
  public LabPlan withEnvironment(String host, Map<String, String> variables) {
    Map<String, Map<String, String>> all = new HashMap<>(environment);
    all.put(host, variables);
    return new LabPlan(name, managers, workers, block, swarm, engine, daemonOptions, all, limit);
  }

  /** The same with another limit for each step of the making. */
  public LabPlan withLimit(Duration wanted) {
    return new LabPlan(
        name, managers, workers, block, swarm, engine, daemonOptions, environment, wanted);
  }

  int hosts() {
    return managers + workers;
  }
}
