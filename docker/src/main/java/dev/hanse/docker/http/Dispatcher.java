package dev.hanse.docker.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From Jetty's request to the route and back: version prefix, standard headers, errors. */
final class Dispatcher extends Handler.Abstract {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final Router router;
  private final FailureMapping failures;
  private final HttpField[] standardHeaders;

  Dispatcher(Router router, FailureMapping failures, String product) {
    this.router = router;
    this.failures = failures;
    this.standardHeaders =
        new HttpField[] {
          new HttpField("Api-Version", ApiVersion.MAXIMUM.toString()),
          new HttpField("Docker-Experimental", "false"),
          new HttpField("Ostype", "linux"),
          new HttpField(HttpHeader.SERVER, product)
        };
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    for (HttpField field : standardHeaders) {
      response.getHeaders().put(field);
    }
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
      Target target = Target.of(request.getHttpURI().getPath());
      Router.Match match =
          router
              .find(request.getMethod(), target.path())
              .orElseThrow(() -> HttpFailure.notFound("page not found"));
      ApiVersion version =
          target.version().isEmpty() ? ApiVersion.MAXIMUM : ApiVersion.requested(target.version());
      Query query = Query.parse(request.getHttpURI().getQuery());
      exchange =
          new Exchange(request, response, version, match.variables(), query, HttpListener.IDLE_MS);
      match.route().handle(exchange);
      exchange.finish();
    } catch (Exception | LinkageError e) {
      if (exchange != null) {
        exchange.stopWatching();
      }
      if (exchange != null && exchange.answered()) {
        throw e instanceof IOException io ? io : new IOException("answer broken off", e);
      }
      fail(request, response, failures.map(e), e);
    } finally {
      if (exchange != null) {
        exchange.release();
      }
    }
  }

  private static void fail(Request request, Response response, HttpFailure failure, Throwable cause)
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
    JsonNode body = Json.object().put("message", failure.message());
    Exchange answer =
        new Exchange(
            request,
            response,
            ApiVersion.MAXIMUM,
            Map.of(),
            Query.parse(null),
            HttpListener.IDLE_MS);
    if (failure.status() == 304) {
      answer.empty(304);
    } else {
      answer.json(failure.status(), body);
    }
  }

  /** A path split into its version prefix ("" if none) and the decoded rest. */
  private record Target(String version, String path) {
    static Target of(String rawPath) {
      String path = decode(rawPath);
      if (path.startsWith("/v")) {
        int end = path.indexOf('/', 2);
        String version = path.substring(2, Math.max(2, end));
        if (!version.isEmpty()
            && version.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'))) {
          return new Target(version, path.substring(end));
        }
      }
      return new Target("", path);
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
}
