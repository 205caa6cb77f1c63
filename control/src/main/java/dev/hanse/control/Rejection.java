package dev.hanse.control;

/**
 * Why a command was refused: part of the contract with users, returned and not thrown. The variants
 * are the gRPC status codes that swarmkit answers with; each API maps them to its own form.
 */
public sealed interface Rejection {
  /** The text for the user, in Docker's words where Docker has some. */
  String message();

  /** The request contradicts itself or the rules: INVALID_ARGUMENT. */
  record Invalid(String message) implements Rejection {}

  /** What the request names does not exist: NOT_FOUND. */
  record NotFound(String message) implements Rejection {}

  /** The name is taken: ALREADY_EXISTS. */
  record AlreadyExists(String message) implements Rejection {}

  /**
   * Right in itself, but not in the present state, for example a stale version:
   * FAILED_PRECONDITION.
   */
  record FailedPrecondition(String message) implements Rejection {}

  /** Nothing left to give: RESOURCE_EXHAUSTED. */
  record Exhausted(String message) implements Rejection {}

  /** Not now; trying again may help: UNAVAILABLE. */
  record Unavailable(String message) implements Rejection {}

  /** The caller may not: PERMISSION_DENIED. */
  record PermissionDenied(String message) implements Rejection {}

  /** A part of the model that is not supported: UNIMPLEMENTED. */
  record Unimplemented(String message) implements Rejection {}
}
