package dev.hanse.network;

/** Where a task finds its name server, inside its own namespace. */
public final class NameServer {
  /** As the container sees it; the port is 53 there. */
  public static final String ADDRESS = "127.0.0.11";

  /**
   * Where the server really listens; fixed, so that a restarted daemon finds its rules as they
   * were.
   */
  public static final int PORT = 65_053;

  private NameServer() {}
}
