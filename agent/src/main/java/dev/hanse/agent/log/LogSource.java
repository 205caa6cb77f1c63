package dev.hanse.agent.log;

/** Which output of the container a line came from. */
public enum LogSource {
  /** Standard output; everything a container with a terminal writes. */
  STDOUT,
  /** Standard error. */
  STDERR
}
