package dev.hanse.sim.world;

import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.model.Service;
import dev.hanse.sim.check.Violation;
import dev.hanse.sim.net.Connection;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One write that a client asks of some manager: a follower forwards it to the leader it knows and
 * answers when it has applied the entry itself.
 */
public final class Request {
  private static final long PATIENCE = 20 * Timeline.SECOND;
  private static final long LOOK_AGAIN = 10 * Timeline.MS;

  private final World world;
  private final Host asked;
  private final Command command;
  private final Connection connection;
  private final Consumer<Answer> answered;
  private boolean done;

  /** What the client hears. */
  public sealed interface Answer {
    /** The write is committed. */
    record Written(Decision.Accepted decision) implements Answer {}

    /** It was refused and is not written. */
    record Refused(Rejection rejection) implements Answer {}

    /** Nobody knows. */
    record Lost() implements Answer {}
  }

  private Request(
      World world, Machine client, Host asked, Command command, Consumer<Answer> answered) {
    this.world = world;
    this.asked = asked;
    this.command = command;
    this.answered = answered;
    this.connection = new Connection(world.network(), List.of(client, asked.machine()));
  }

  /** Sends the command to a manager; the client hears one answer. */
  public static void send(
      World world, Machine client, Host asked, Command command, Consumer<Answer> answered) {
    Request request = new Request(world, client, asked, command, answered);
    request.connection.onClosedAtClient(request::lost);
    client.after(PATIENCE, request::lost);
    request.connection.toServer(request::atAsked);
  }

  private void lost() {
    if (!done) {
      done = true;
      answered.accept(new Answer.Lost());
    }
  }

  private void answer(Answer answer) {
    connection.toClient(
        () -> {
          if (!done) {
            done = true;
            answered.accept(answer);
          }
        });
  }

  private void atAsked() {
    Optional<ManagerRun> run = asked.manager();
    if (run.isEmpty()) {
      connection.closeAtServer();
    } else if (run.get().leads()) {
      write(asked, run.get(), decision -> answer(answerOf(decision)));
    } else {
      forward(run.get());
    }
  }

  private void forward(ManagerRun follower) {
    Optional<Host> leader = follower.log().leader().map(world::host);
    if (leader.isEmpty() || leader.get() == asked) {
      answer(new Answer.Refused(new Rejection.Unavailable("no leader"))); // Nothing was sent.
      return;
    }
    Connection hop =
        new Connection(world.network(), List.of(asked.machine(), leader.get().machine()));
    hop.onClosedAtClient(() -> answer(new Answer.Lost()));
    hop.toServer(
        () -> {
          Optional<ManagerRun> there = leader.get().manager();
          if (there.isEmpty()) {
            hop.closeAtServer();
            return;
          }
          write(
              leader.get(),
              there.get(),
              decision -> {
                long index = there.get().snapshot().index();
                hop.toClient(
                    () -> {
                      hop.closeAtClient();
                      answerWhenApplied(follower, index, answerOf(decision));
                    });
              });
        });
  }

  private void answerWhenApplied(ManagerRun follower, long index, Answer answer) {
    if (answer instanceof Answer.Written && follower.snapshot().index() < index) {
      asked.machine().after(LOOK_AGAIN, () -> answerWhenApplied(follower, index, answer));
    } else {
      answer(answer);
    }
  }

  private void write(Host at, ManagerRun leader, Consumer<Decision> decided) {
    Command taken = world.sabotaged(Sabotage.IGNORE_VERSIONS) ? atPresentVersion(leader) : command;
    var unused =
        leader
            .submit(taken)
            .thenAccept(decision -> at.machine().after(0, () -> decided.accept(decision)));
    if (world.sabotaged(Sabotage.ANSWER_BEFORE_COMMIT)) {
      decided.accept(new Decision.Accepted(Changes.none(), Optional.empty()));
    }
  }

  private Command atPresentVersion(ManagerRun leader) {
    if (command instanceof UpdateService update) {
      Optional<Service> present = leader.snapshot().find(Kind.SERVICE, update.id());
      if (present.isPresent()) {
        return new UpdateService(
            update.id(),
            present.get().getMeta().getVersion().getIndex(),
            update.spec(),
            update.rollback());
      }
    }
    return command;
  }

  private static Answer answerOf(Decision decision) {
    return switch (decision) {
      case Decision.Accepted accepted -> new Answer.Written(accepted);
      case Decision.Refused refused -> {
        String message = refused.rejection().message();
        if (message.startsWith("internal error")) {
          throw new Violation("a decision fails: " + message);
        }
        // In flight when the leader lost its office: it may be written all the same.
        yield refused.rejection() instanceof Rejection.Unavailable
            ? new Answer.Lost()
            : new Answer.Refused(refused.rejection());
      }
    };
  }
}
