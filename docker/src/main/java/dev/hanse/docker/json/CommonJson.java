package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.Annotations;
import dev.hanse.model.Driver;
import dev.hanse.model.Meta;
import dev.hanse.web.Json;
import java.util.Locale;

/** What all objects have: version, times, name, labels; and drivers. */
final class CommonJson {
  private CommonJson() {}

  static void meta(ObjectNode object, Meta meta) {
    version(object, "Version", meta.getVersion().getIndex());
    object.put("CreatedAt", Times.text(meta.getCreatedAt()));
    object.put("UpdatedAt", Times.text(meta.getUpdatedAt()));
  }

  static void version(ObjectNode object, String name, long index) {
    Out.number(object.putObject(name), "Index", index);
  }

  static void annotations(ObjectNode object, Annotations annotations) {
    Out.text(object, "Name", annotations.getName());
    object.set("Labels", Out.map(annotations.getLabelsMap()));
  }

  static Annotations annotations(Fields fields) {
    return Annotations.newBuilder()
        .setName(fields.text("Name"))
        .putAllLabels(fields.map("Labels"))
        .build();
  }

  static ObjectNode driver(Driver driver) {
    ObjectNode object = Json.object();
    Out.text(object, "Name", driver.getName());
    Out.map(object, "Options", driver.getOptionsMap());
    return object;
  }

  static Driver driver(Fields fields) {
    return Driver.newBuilder()
        .setName(fields.text("Name"))
        .putAllOptions(fields.map("Options"))
        .build();
  }

  /** An enum's name as Docker writes it. */
  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Lower case with hyphens: stop-first. */
  static String hyphenated(Enum<?> value) {
    return lower(value).replace('_', '-');
  }
}
