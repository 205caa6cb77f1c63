package dev.hanse.kernel.pipe;

/**
 * What {@link Pipes} watches.
 *
 * @param ready called on its thread when there is something to read, room to write, or a hang-up
 * @param end called on its thread when {@link Pipes} is closed
 */
record Registration(Runnable ready, Runnable end) {}
