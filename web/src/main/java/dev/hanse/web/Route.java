package dev.hanse.web;

/** What answers requests of one method and path template. Called on a virtual thread; may block. */
@FunctionalInterface
public interface Route {
  /**
   * Answers through the exchange. Returning without an answer sends 200 with an empty body.
   *
   * @throws Exception an {@link HttpFailure} to answer with an error; anything else is mapped by
   *     the listener's failure mapping
   */
  void handle(Exchange exchange) throws Exception;
}
