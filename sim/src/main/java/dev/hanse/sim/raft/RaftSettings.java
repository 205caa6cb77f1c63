package dev.hanse.sim.raft;

/**
 * How a group behaves.
 *
 * @param stepDownAlone whether a leader that hears no majority steps down; if not, it waits
 * @param entriesBeforeImage applied entries after which the state is saved and they are dropped
 * @param answerUnsafe whether answers do not wait for the disk: a fault for checkers to find
 */
public record RaftSettings(boolean stepDownAlone, int entriesBeforeImage, boolean answerUnsafe) {}
