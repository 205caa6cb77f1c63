package dev.hanse.kernel.process;

/**
 * A process beyond its number, which is used again: number and start time together are unique as
 * long as the machine runs.
 *
 * @param pid its number
 * @param startTicks when it started, in clock ticks (mostly 1/100 s) since the machine did
 */
public record ProcessIdentity(long pid, long startTicks) {}
