package dev.hanse.lab.demo;

import dev.hanse.lab.Await;
import dev.hanse.lab.HostState;
import dev.hanse.lab.LabException;
import dev.hanse.lab.TextTable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The same request sent through every host, and what came of it. */
public final class MeshTable {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

  /**
   * What came of the request through one host.
   *
   * @param host the host that was asked
   * @param own the tasks that run there
   * @param answer the answer, empty when there was none
   * @param answeredBy the task that answered, empty when unknown
   */
  public record Row(
      HostState host,
      List<RunningTask> own,
      Optional<WebRequest> answer,
      Optional<RunningTask> answeredBy) {

    /** True when a task of the service answered well and saw the client's own address. */
    public boolean right() {
      return answer.isPresent()
          && answer.get().status() == 200
          && answeredBy.isPresent()
          && answer.get().clientSeen().equals(answer.get().clientReal());
    }

    private String[] cells() {
      return new String[] {
        host.name(),
        host.address(),
        own.isEmpty()
            ? "no"
            : "yes: " + String.join(", ", own.stream().map(RunningTask::name).toList()),
        answer.map(a -> String.valueOf(a.status())).orElse("none"),
        answeredBy.map(task -> task.name() + " on " + task.host()).orElse("?"),
        answer.map(WebRequest::clientSeen).filter(seen -> !seen.isEmpty()).orElse("?")
            + (right() ? "" : "  WRONG")
      };
    }
  }

  private final List<Row> rows;

  private MeshTable(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  /**
   * Asks each host in turn; waits for the first answer of each, as the routes reach the hosts one
   * after another.
   *
   * @param tasks the tasks of the service
   * @param port the published port
   */
  public static MeshTable ask(List<HostState> hosts, List<RunningTask> tasks, int port) {
    List<Row> rows = new ArrayList<>();
    for (HostState host : hosts) {
      List<RunningTask> own =
          tasks.stream().filter(task -> task.host().equals(host.name())).toList();
      Optional<WebRequest> answer = answerOf(host, port);
      Optional<RunningTask> by =
          answer.flatMap(
              a ->
                  tasks.stream()
                      .filter(task -> task.containerHostname().equals(a.container()))
                      .findFirst());
      rows.add(new Row(host, own, answer, by));
    }
    return new MeshTable(rows);
  }

  private static Optional<WebRequest> answerOf(HostState host, int port) {
    try {
      return Optional.of(
          Await.value(
              ANSWER_LIMIT,
              host.name() + " answers on port " + port,
              () ->
                  Optional.of(WebRequest.send(host.address(), port))
                      .filter(answer -> answer.status() == 200)));
    } catch (LabException never) {
      return lastTry(host, port);
    }
  }

  /** What there is to show when no good answer came in time. */
  private static Optional<WebRequest> lastTry(HostState host, int port) {
    try {
      return Optional.of(WebRequest.send(host.address(), port));
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /** What came of each request, in the order of the hosts. */
  public List<Row> rows() {
    return rows;
  }

  /** True when every row is right. */
  public boolean right() {
    return rows.stream().allMatch(Row::right);
  }

  /** The table as text. */
  public String text() {
    TextTable table =
        new TextTable(
            "HOST", "ADDRESS", "RUNS A TASK?", "HTTP", "ANSWERED BY", "CLIENT ADDRESS SEEN");
    rows.forEach(row -> table.row(row.cells()));
    return table.indentedBy(2);
  }
}
