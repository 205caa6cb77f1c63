package dev.hanse.web;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From Jetty's request to the route and back, with the headers and errors of the API's dialect. */
final class Dispatcher extends Handler.Abstract {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final Router router;
  private final Dialect dialect;
  private final HttpFields standardHeaders;

  Dispatcher(Router router, Dialect dialect) {
    this.router = router;
    this.dialect = dialect;
    HttpFields.Mutable headers = HttpFields.build();
    dialect.headers().forEach(headers::put);
    this.standardHeaders = headers.asImmutable();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    standardHeaders.forEach(response.getHeaders()::put);
    EndPoint endPoint = request.getTunnelSupport().getEndPoint();
    endPoint.setIdleTimeout(0);
    try {
      answer(request, response);
      endPoint.setIdleTimeout(HttpListener.IDLE_MS);
      callback.succeeded();
    } catch (IOException e) {
      LOG.debug("client of {} {} is gone", request.getMethod(), request.getHttpURI(), e);
      callback.failed(e);
    }
    return true;
  }

  private void answer(Request request, Response response) throws IOException {
    Exchange exchange = null;
    try {
      Dialect.Address address = dialect.address(decode(request.getHttpURI().getPath()));
      Router.Match match =
          router
              .find(request.getMethod(), address.path())
              .orElseThrow(() -> HttpFailure.notFound("page not found"));
      Map<String, String> variables = new HashMap<>(address.variables());
      variables.putAll(match.variables());
      Query query = Query.parse(request.getHttpURI().getQuery());
      exchange = new Exchange(request, response, variables, query, HttpListener.IDLE_MS);
      match.route().handle(exchange);
      exchange.finish();
    } catch (Exception | LinkageError e) {
      if (exchange != null) {
        exchange.stopWatching();
      }
      if (exchange != null && exchange.answered()) {
        throw e instanceof IOException io ? io : new IOException("answer broken off", e);
      }
      if (hasClientLeft(e)) {
        throw new IOException("request broken off", e);
      }
      fail(request, response, dialect.failure(e), e);
    } finally {
      if (exchange != null) {
        exchange.release();
      }
    }
  }

  /** Nobody is there to be answered, and nothing of ours is at fault. */
  static boolean hasClientLeft(Throwable fault) {
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (each instanceof EofException) {
        return true;
      }
    }
    return false;
  }

  private void fail(Request request, Response response, HttpFailure failure, Throwable cause)
      throws IOException {
    if (failure.isUnexpected()) {
      LOG.error("{} {} failed", request.getMethod(), request.getHttpURI(), cause);
    } else if (failure.status() >= 500 && !(cause instanceof HttpFailure)) {
      LOG.warn(
          "{} {} failed: {}",
          request.getMethod(),
          request.getHttpURI(),
          failure.message().lines().findFirst().orElse(""));
      LOG.debug("{} {} failed", request.getMethod(), request.getHttpURI(), cause);
    }
    Exchange answer =
        new Exchange(request, response, Map.of(), Query.parse(null), HttpListener.IDLE_MS);
    if (failure.status() == 304) {
      answer.empty(304);
    } else {
      answer.json(failure.status(), dialect.error(failure));
    }
    answer.drain();
  }

  private static String decode(String raw) {
    try {
      String path = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
      if (path.startsWith("/")) {
        return path;
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("bad path {}", raw, e);
    }
    throw HttpFailure.notFound("page not found");
  }
}
