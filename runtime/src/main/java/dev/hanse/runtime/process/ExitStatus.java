package dev.hanse.runtime.process;

import java.time.Instant;

/**
 * How a process ended.
 *
 * @param code 0 to 255; 128 plus the signal if one killed it
 * @param exitedAt when, by the host's clock
 * @param outOfMemory the kernel killed a process of the container for memory
 */
public record ExitStatus(int code, Instant exitedAt, boolean outOfMemory) {}
