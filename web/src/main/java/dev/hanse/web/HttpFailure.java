package dev.hanse.web;

/**
 * An answer that is an error: a status code and a message, sent in the form of the API's {@link
 * Dialect}. Thrown by routes; carries no stack trace, for it is an answer and not a fault.
 */
public final class HttpFailure extends RuntimeException {
  private final int status;
  private final boolean unexpected;

  public HttpFailure(int status, String message) {
    this(status, message, false);
  }

  private HttpFailure(int status, String message, boolean unexpected) {
    super(message, null, false, false);
    this.status = status;
    this.unexpected = unexpected;
  }

  /** 500: the answer for a fault that nobody has foreseen, to be looked into by its stack trace. */
  public static HttpFailure unexpected(String message) {
    return new HttpFailure(500, message, true);
  }

  /** Whether it stands for a fault that nobody has foreseen. */
  public boolean isUnexpected() {
    return unexpected;
  }

  /** The HTTP status code, 300 to 599. */
  public int status() {
    return status;
  }

  /** The text for the client. */
  public String message() {
    return String.valueOf(getMessage());
  }

  /** 400: the request is malformed or asks for something impossible. */
  public static HttpFailure invalid(String message) {
    return new HttpFailure(400, message);
  }

  /** 403: understood, but not allowed. */
  public static HttpFailure forbidden(String message) {
    return new HttpFailure(403, message);
  }

  /** 404: no such object. */
  public static HttpFailure notFound(String message) {
    return new HttpFailure(404, message);
  }

  /** 409: clashes with the present state. */
  public static HttpFailure conflict(String message) {
    return new HttpFailure(409, message);
  }

  /** 500: a fault of ours. */
  public static HttpFailure internal(String message) {
    return new HttpFailure(500, message);
  }

  /** 501: a part of the API that this daemon does not have. */
  public static HttpFailure notImplemented(String message) {
    return new HttpFailure(501, message);
  }

  /** 503: not now, or not on this node. */
  public static HttpFailure unavailable(String message) {
    return new HttpFailure(503, message);
  }
}
