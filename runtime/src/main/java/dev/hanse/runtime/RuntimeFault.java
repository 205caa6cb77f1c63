package dev.hanse.runtime;

import dev.hanse.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * A failure of containerd, of a registry or of what was asked of them. The message is complete and
 * meant for the user (Docker's wording where Docker has one); {@link #kind()} is for programs. Much
 * of it may be what a registry or an image says: it commands no terminal and has an end.
 */
public final class RuntimeFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Characters of a message. */
  private static final int TEXT_MAX = 8_192;

  /** What went wrong, coarse enough to choose an HTTP status or a retry. */
  public enum Kind {
    /** containerd or runc is not installed. */
    NOT_INSTALLED,
    /** containerd does not answer; it is being restarted, so trying again is sensible. */
    UNAVAILABLE,
    /** No image of that name or id is on this node. */
    NO_SUCH_IMAGE,
    /** No container of that id is on this node. */
    NO_SUCH_CONTAINER,
    /** No exec of that id is in this container. */
    NO_SUCH_EXEC,
    /** The registry has no such tag or digest. */
    MANIFEST_UNKNOWN,
    /** The registry refuses this repository, or it does not exist. */
    PULL_DENIED,
    /** The registry wants (other) credentials. */
    UNAUTHORIZED,
    /** The registry cannot be reached or broke off. */
    REGISTRY_UNREACHABLE,
    /** The registry answered something that is no valid image for this platform. */
    BAD_IMAGE,
    /** The archive is damaged or of an unknown form. */
    BAD_TAR,
    /** The request contradicts itself or cannot be satisfied on this host. */
    INVALID,
    /** The thing is in use, exists already or is in a state that does not allow this. */
    CONFLICT,
    /** The command does not exist in the image (exit code 127). */
    COMMAND_NOT_FOUND,
    /** The command exists and cannot be executed (exit code 126). */
    COMMAND_NOT_EXECUTABLE,
    /** The container could not be started for another reason. */
    START_FAILED,
    /** Anything else; the message says what was being done. */
    INTERNAL
  }

  private final Kind kind;
  private final String text;

  /** A fault of that kind. */
  public RuntimeFault(Kind kind, String message) {
    this(kind, message, null);
  }

  /** A fault of that kind with what caused it. */
  public RuntimeFault(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.text = Printable.lines(message, TEXT_MAX);
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }

  @Override
  public String getMessage() {
    return text;
  }
}
