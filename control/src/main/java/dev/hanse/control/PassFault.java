package dev.hanse.control;

/**
 * An object that a pass had to skip.
 *
 * @param subject kind and id, "service x7…"
 * @param cause what its part of the pass threw
 */
public record PassFault(String subject, Throwable cause) {}
