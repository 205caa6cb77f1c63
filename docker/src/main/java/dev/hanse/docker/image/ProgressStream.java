package dev.hanse.docker.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The stream of JSON lines that image requests answer with. It begins with the first line, so that
 * what fails before is answered with its own status code; what fails later becomes a last line.
 * When the client leaves, who does the work is interrupted: nobody else waits for it.
 *
 * <p>Lines come from several threads: the lock keeps them whole.
 */
final class ProgressStream implements ImageProgress.Listener {
  private final Exchange exchange;
  private final Interruption interruption = new Interruption();
  private @Nullable OutputStream output;

  ProgressStream(Exchange exchange) {
    this.exchange = exchange;
  }

  /** What makes the progress. */
  interface Work {
    void run() throws IOException;
  }

  void run(Work work) throws IOException {
    run(work, false);
  }

  /** As {@link #run}, but what fails is always told by a last line, after a status of success. */
  void runToItsLastLine(Work work) throws IOException {
    run(work, true);
  }

  private void run(Work work, boolean faultIsALine) throws IOException {
    try {
      interruption.during(work);
    } catch (UncheckedIOException clientGone) {
      throw clientGone.getCause();
    } catch (RuntimeFault | HttpFailure fault) {
      if (output == null && !faultIsALine) {
        throw fault;
      }
      String message = String.valueOf(fault.getMessage());
      ObjectNode line = Json.object();
      line.putObject("errorDetail").put("message", message);
      line.put("error", message);
      write(line);
    } finally {
      if (output != null) {
        output.close();
      }
    }
  }

  @Override
  public void progressed(ImageProgress progress) {
    ObjectNode line = Json.object().put("status", progress.status());
    ObjectNode detail = line.putObject("progressDetail");
    progress.current().ifPresent(bytes -> detail.put("current", bytes));
    progress.total().ifPresent(bytes -> detail.put("total", bytes));
    progress.id().ifPresent(id -> line.put("id", id));
    write(line);
  }

  void status(String text) {
    write(Json.object().put("status", text));
  }

  void text(String text) {
    write(Json.object().put("stream", text));
  }

  private synchronized void write(ObjectNode line) {
    try {
      if (output == null) {
        output = exchange.stream(200, "application/json");
        exchange.onClientGone(interruption::now);
      }
      output.write(Json.bytes(line));
      output.flush();
    } catch (IOException clientGone) {
      throw new UncheckedIOException(clientGone);
    }
  }
}
