package dev.hanse.web;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Errors that Jetty finds itself (bad syntax, header too long), in the API's form. */
final class PlainErrors extends ErrorHandler {
  private final Dialect dialect;

  PlainErrors(Dialect dialect) {
    this.dialect = dialect;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    HttpFailure failure = new HttpFailure(status, HttpStatus.getMessage(status));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    byte[] body = Json.bytes(dialect.error(failure));
    response.write(true, ByteBuffer.wrap(body), callback);
    return true;
  }
}
