package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.DECIMAL;
import static dev.hanse.docker.field.Notations.DURATION;
import static dev.hanse.docker.field.Notations.DURATION_OR_ZERO;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TIME;
import static dev.hanse.docker.field.Notations.UNSIGNED;

import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.docker.field.Words;
import dev.hanse.model.UpdateConfig;
import dev.hanse.model.UpdateConfig.FailureAction;
import dev.hanse.model.UpdateConfig.UpdateOrder;
import dev.hanse.model.UpdateStatus;
import dev.hanse.model.UpdateStatus.UpdateState;

/** How a service is updated, and how far an update is. */
final class UpdateJson {
  /** How a service is updated or rolled back. */
  static final FieldTable<UpdateConfig, UpdateConfig.Builder> CONFIG =
      FieldTable.of(UpdateConfig::newBuilder, UpdateConfig.Builder::build)
          .always(
              "Parallelism",
              UNSIGNED,
              UpdateConfig::getParallelism,
              UpdateConfig.Builder::setParallelism)
          .line("Delay", DURATION_OR_ZERO, UpdateConfig::getDelay, UpdateConfig.Builder::setDelay)
          .always(
              "FailureAction",
              Words.of(FailureAction.PAUSE, text -> "unrecognized update failure action " + text),
              UpdateConfig::getFailureAction,
              UpdateConfig.Builder::setFailureAction)
          .line(
              "Monitor",
              DURATION.unlessEmpty(),
              UpdateConfig::getMonitor,
              UpdateConfig.Builder::setMonitor)
          .always(
              "MaxFailureRatio",
              DECIMAL,
              UpdateConfig::getMaxFailureRatio,
              UpdateConfig.Builder::setMaxFailureRatio)
          .always(
              "Order",
              Words.of(UpdateOrder.STOP_FIRST, text -> "unrecognized update order " + text),
              UpdateConfig::getOrder,
              UpdateConfig.Builder::setOrder)
          .build();

  /** How far an update is. */
  static final ShownTable<UpdateStatus> STATUS =
      ShownTable.of(UpdateStatus.class)
          .line(
              "State",
              Words.lenient(UpdateState.UNKNOWN, CommonJson::lower),
              UpdateStatus::getState)
          .line("StartedAt", TIME, UpdateStatus::getStartedAt)
          .line("CompletedAt", TIME, UpdateStatus::getCompletedAt)
          .line("Message", TEXT, UpdateStatus::getMessage)
          .build();

  private UpdateJson() {}
}
