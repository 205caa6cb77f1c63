package dev.hanse.lab.client;

import java.io.IOException;

/**
 * An answer of the Docker Engine API that is an error: its status and the text of its {@code
 * message}.
 */
public final class DockerException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  DockerException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status code. */
  public int status() {
    return status;
  }
}
