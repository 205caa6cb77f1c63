package dev.hanse.docker.system;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.Times;
import dev.hanse.health.HealthReport;
import dev.hanse.web.Json;
import java.time.Instant;

/** {@code GET /hanse/v1/health}: what is wrong with this node. */
final class HealthJson {
  private static final int FIT = 200;
  private static final int UNFIT = 503;

  private HealthJson() {}

  /** For who looks at nothing but the status: may this node be given work? */
  static int status(HealthReport report) {
    return report.isFit() ? FIT : UNFIT;
  }

  static ObjectNode of(HealthReport report, Instant now) {
    ObjectNode object = Json.object();
    object.put("State", !report.isFit() ? "unhealthy" : report.isWell() ? "healthy" : "impaired");
    ArrayNode parts = object.putArray("Parts");
    report.entries().forEach(entry -> part(parts.addObject(), entry, now));
    return object;
  }

  private static void part(ObjectNode part, HealthReport.Entry entry, Instant now) {
    part.put("Name", entry.name());
    part.put("Vital", entry.vital());
    part.put("State", word(entry.state()));
    if (!entry.isWell()) {
      part.put("Since", Times.text(now.minus(entry.illFor())));
      part.put("Fault", entry.sentence());
    }
  }

  private static String word(HealthReport.State state) {
    return switch (state) {
      case HealthReport.Well _ -> "healthy";
      case HealthReport.Faulty _ -> "faulty";
      case HealthReport.Stuck _ -> "stuck";
      case HealthReport.Ended _ -> "ended";
    };
  }
}
