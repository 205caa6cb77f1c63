package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.content.ImageConfig;
import dev.hanse.web.Json;

/** An image's health check, as the image shows it and a container that has no other. */
public final class HealthcheckJson {
  private HealthcheckJson() {}

  /** Its form in Docker's API. */
  public static ObjectNode of(ImageConfig.Healthcheck check) {
    ObjectNode json = Json.object();
    check.test().forEach(json.putArray("Test")::add);
    json.put("Interval", check.intervalNanos());
    json.put("Timeout", check.timeoutNanos());
    json.put("StartPeriod", check.startPeriodNanos());
    json.put("StartInterval", check.startIntervalNanos());
    json.put("Retries", check.retries());
    return json;
  }
}
