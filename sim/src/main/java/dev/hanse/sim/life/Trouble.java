package dev.hanse.sim.life;

import dev.hanse.sim.time.Timeline;
import dev.hanse.sim.world.Host;
import dev.hanse.sim.world.World;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes things go wrong, one after the other and several at once. */
final class Trouble {
  private static final long PAUSE_MAX = 4 * Timeline.SECOND;

  private final World world;
  private boolean over;

  Trouble(World world) {
    this.world = world;
  }

  void begin() {
    world.timeline().after(world.random().nextLong(Timeline.SECOND / 4, PAUSE_MAX), this::next);
  }

  private void next() {
    if (over) {
      return;
    }
    strike();
    begin();
  }

  private void strike() {
    RandomGenerator random = world.random();
    List<Host> hosts = List.copyOf(world.hosts());
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> kill(world.any(hosts));
      case 4 -> kill(world.any(world.managerHosts()));
      case 5 -> {
        if (random.nextInt(3) == 0) {
          world.managerHosts().forEach(this::kill);
        } else {
          world.leader().ifPresent(run -> kill(run.host()));
        }
      }
      case 6, 7, 8 -> {
        Host host = world.any(hosts);
        long nanos = duration(12);
        world.trace().line("%s stands still for %d ms", host.name(), nanos / Timeline.MS);
        host.machine().pause(nanos);
      }
      case 9, 10, 11 -> split(hosts);
      case 12, 13 -> oneWay(world.any(hosts), hosts);
      case 14, 15 -> weather();
      case 16 -> world.network().heal();
      default -> crash(world.any(hosts));
    }
  }

  private long duration(int secondsMax) {
    return world.random().nextLong(Timeline.SECOND / 10, secondsMax * Timeline.SECOND);
  }

  private void kill(Host host) {
    if (world.random().nextInt(5) == 0) {
      host.stop();
    } else {
      host.kill(world.options().powerCuts() && world.random().nextBoolean());
    }
    world.timeline().after(Host.FAREWELL + duration(15), host::start);
  }

  private void split(List<Host> hosts) {
    boolean[] side = new boolean[hosts.size()];
    for (int i = 0; i < side.length; i++) {
      side[i] = world.random().nextBoolean();
    }
    world.trace().line("the network splits");
    for (int i = 0; i < side.length; i++) {
      for (int j = 0; j < side.length; j++) {
        if (side[i] != side[j]) {
          cut(hosts.get(i), hosts.get(j), duration(12));
        }
      }
    }
  }

  private void cut(Host from, Host to, long nanos) {
    world.network().cut(from.name(), to.name());
    world.timeline().after(nanos, () -> world.network().join(from.name(), to.name()));
  }

  private void oneWay(Host host, List<Host> hosts) {
    boolean outwards = world.random().nextBoolean();
    boolean all = world.random().nextBoolean();
    world.trace().line("%s is cut one way", host.name());
    for (Host other : hosts) {
      if (other != host && (all || world.random().nextInt(3) == 0)) {
        if (outwards) {
          cut(host, other, duration(12));
        } else {
          cut(other, host, duration(12));
        }
      }
    }
  }

  private void weather() {
    world.trace().line("the network turns bad");
    world.network().setFaults(world.options().loss(), world.options().duplication());
    world.network().setDelayMax(world.random().nextLong(2, 80) * Timeline.MS);
    world
        .timeline()
        .after(
            duration(10),
            () -> {
              world.network().setFaults(0, 0);
              world.network().setDelayMax(2 * Timeline.MS);
            });
  }

  private void crash(Host host) {
    List<String> running = host.containers().running();
    if (!running.isEmpty()) {
      host.containers().crash(world.any(running));
    }
  }

  /** Everything is repaired, and nothing breaks any more. */
  void end() {
    over = true;
    world.trace().line("everything is repaired");
    world.network().heal();
    for (Host host : world.hosts()) {
      host.machine().resume();
      host.start();
    }
  }
}
