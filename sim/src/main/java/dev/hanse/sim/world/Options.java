package dev.hanse.sim.world;

import java.util.random.RandomGenerator;

/**
 * The shape of one world.
 *
 * @param managers hosts that are managers at the beginning
 * @param workers hosts that are not
 * @param clients people at work
 * @param troubleSeconds how long things go wrong
 * @param heartbeatSeconds how often nodes say that they live
 * @param loss probability that a datagram is lost, in bad times
 * @param duplication probability that it comes twice, in bad times
 * @param powerCuts whether hosts lose their power, and not only their daemon
 * @param clockErrors whether clocks are wrong
 * @param stepDownAlone whether a leader without a majority steps down
 * @param entriesBeforeImage entries of the log after which the state is saved
 * @param calmTrials whether something befalls one host when all is well again
 * @param membershipChanges whether nodes are promoted, demoted, added and removed
 * @param sabotage a fault of ours
 */
public record Options(
    int managers,
    int workers,
    int clients,
    int troubleSeconds,
    int heartbeatSeconds,
    double loss,
    double duplication,
    boolean powerCuts,
    boolean clockErrors,
    boolean stepDownAlone,
    int entriesBeforeImage,
    boolean calmTrials,
    boolean membershipChanges,
    Sabotage sabotage) {

  /** A shape drawn by lot. */
  public static Options drawn(RandomGenerator random) {
    return new Options(
        random.nextInt(6) == 0 ? 5 : random.nextInt(8) == 0 ? 1 : 3,
        2 + random.nextInt(3),
        1 + random.nextInt(3),
        8 + random.nextInt(14),
        random.nextInt(3) == 0 ? 5 : 1,
        random.nextInt(3) == 0 ? 0.2 : 0.02,
        random.nextInt(3) == 0 ? 0.1 : 0.01,
        random.nextBoolean(),
        random.nextInt(3) == 0,
        random.nextInt(4) != 0,
        random.nextInt(3) == 0 ? 500 : 20 + random.nextInt(60),
        random.nextBoolean(),
        random.nextBoolean(),
        Sabotage.NONE);
  }

  /** The same world with a fault of ours. */
  public Options with(Sabotage fault) {
    return new Options(
        managers,
        workers,
        clients,
        troubleSeconds,
        heartbeatSeconds,
        loss,
        duplication,
        powerCuts,
        clockErrors,
        stepDownAlone,
        entriesBeforeImage,
        calmTrials,
        membershipChanges,
        fault);
  }
}
