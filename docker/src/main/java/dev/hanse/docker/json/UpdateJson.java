package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.hyphenated;
import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Duration;
import dev.hanse.model.UpdateConfig;
import dev.hanse.model.UpdateStatus;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;

/** How a service is updated, and how far an update is. */
final class UpdateJson {
  private UpdateJson() {}

  static ObjectNode config(UpdateConfig config) {
    ObjectNode object = Json.object();
    object.put("Parallelism", config.getParallelism());
    Out.duration(object, "Delay", config.getDelay());
    object.put("FailureAction", lower(config.getFailureAction()));
    Out.duration(object, "Monitor", config.getMonitor());
    float ratio = config.getMaxFailureRatio();
    if (ratio == (int) ratio) {
      object.put("MaxFailureRatio", (int) ratio);
    } else {
      object.put("MaxFailureRatio", ratio);
    }
    object.put("Order", hyphenated(config.getOrder()));
    return object;
  }

  static UpdateConfig config(Fields fields) {
    String action = fields.text("FailureAction");
    String order = fields.text("Order");
    UpdateConfig.Builder config =
        UpdateConfig.newBuilder()
            .setParallelism(fields.unsigned("Parallelism"))
            .setDelay(fields.duration("Delay").orElse(Duration.getDefaultInstance()))
            .setMaxFailureRatio(fields.decimal("MaxFailureRatio"))
            .setFailureAction(
                switch (action) {
                  case "", "pause" -> UpdateConfig.FailureAction.PAUSE;
                  case "continue" -> UpdateConfig.FailureAction.CONTINUE;
                  case "rollback" -> UpdateConfig.FailureAction.ROLLBACK;
                  default ->
                      throw HttpFailure.invalid("unrecognized update failure action " + action);
                })
            .setOrder(
                switch (order) {
                  case "", "stop-first" -> UpdateConfig.UpdateOrder.STOP_FIRST;
                  case "start-first" -> UpdateConfig.UpdateOrder.START_FIRST;
                  default -> throw HttpFailure.invalid("unrecognized update order " + order);
                });
    fields.duration("Monitor").filter(UpdateJson::isSet).ifPresent(config::setMonitor);
    return config.build();
  }

  private static boolean isSet(Duration duration) {
    return Times.nanoseconds(duration) != 0;
  }

  static ObjectNode status(UpdateStatus status) {
    ObjectNode object = Json.object();
    if (status.getState() != UpdateStatus.UpdateState.UNKNOWN) {
      object.put("State", lower(status.getState()));
    }
    if (status.getStartedAt().getSeconds() != 0) {
      object.put("StartedAt", Times.text(status.getStartedAt()));
    }
    if (status.getCompletedAt().getSeconds() != 0) {
      object.put("CompletedAt", Times.text(status.getCompletedAt()));
    }
    Out.text(object, "Message", status.getMessage());
    return object;
  }
}
