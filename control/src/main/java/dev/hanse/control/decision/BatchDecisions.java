package dev.hanse.control.decision;

import com.google.protobuf.Message;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Batch;
import dev.hanse.control.command.Batch.ExpectedVersion;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.CommandMessages;
import dev.hanse.model.BatchResult;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decides several writes as one. */
final class BatchDecisions {
  private final Snapshot snapshot;
  private final Context context;

  BatchDecisions(Snapshot snapshot, Context context) {
    this.snapshot = snapshot;
    this.context = context;
  }

  Decision decide(Batch batch) {
    Optional<Rejection> rejection =
        limits(batch)
            .or(
                () ->
                    batch.expected().stream()
                        .flatMap(expected -> unexpected(expected.kind(), expected).stream())
                        .findFirst());
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    List<Changes> changes = new ArrayList<>();
    BatchResult.Builder results = BatchResult.newBuilder();
    Snapshot state = snapshot;
    for (Command command : batch.commands()) {
      switch (Commands.decide(state, command, context)) {
        case Decision.Refused refused -> {
          return refused;
        }
        case Decision.Accepted(Changes made, Optional<Message> result) -> {
          changes.add(made);
          results.addResults(CommandMessages.result(result));
          state = state.preview(made);
        }
      }
    }
    return new Decision.Accepted(Changes.merged(changes), Optional.of(results.build()));
  }

  private static Optional<Rejection> limits(Batch batch) {
    if (batch.commands().size() > Batch.COMMANDS_MAX) {
      return Outcome.invalid("a batch has at most " + Batch.COMMANDS_MAX + " commands");
    }
    if (batch.expected().size() > Batch.EXPECTED_MAX) {
      return Outcome.invalid("a batch expects at most " + Batch.EXPECTED_MAX + " versions");
    }
    return batch.commands().stream().anyMatch(Batch.class::isInstance)
        ? Outcome.invalid("a batch holds no batches")
        : Optional.empty();
  }

  private <T extends Message> Optional<Rejection> unexpected(
      Kind<T> kind, ExpectedVersion expected) {
    Optional<T> object = snapshot.find(kind, expected.id());
    if (object.isEmpty()) {
      return expected.version() == 0
          ? Optional.empty()
          : Optional.of(new Rejection.NotFound(kind + " " + expected.id() + " not found"));
    }
    return Outcome.stale(kind, object.get(), expected.version());
  }
}
