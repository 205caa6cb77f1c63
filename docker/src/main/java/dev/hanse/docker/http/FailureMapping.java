package dev.hanse.docker.http;

/** Says how a fault that a route threw is answered. */
@FunctionalInterface
public interface FailureMapping {
  /** The answer for a fault; must know every kind, with 500 for the unexpected. */
  HttpFailure map(Throwable fault);
}
