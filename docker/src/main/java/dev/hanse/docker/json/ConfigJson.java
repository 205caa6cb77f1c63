package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.BYTES;
import static dev.hanse.docker.field.Notations.TEXT;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;

/** Configs. */
public final class ConfigJson {
  private static final FieldTable<ConfigSpec, ConfigSpec.Builder> SPEC =
      FieldTable.of(ConfigSpec::newBuilder, ConfigSpec.Builder::build)
          .inline(
              CommonJson.ANNOTATIONS,
              ConfigSpec::getAnnotations,
              ConfigSpec.Builder::getAnnotationsBuilder)
          .line("Data", BYTES, ConfigSpec::getData, ConfigSpec.Builder::setData)
          .optional(
              "Templating",
              CommonJson.DRIVER,
              ConfigSpec::hasTemplating,
              ConfigSpec::getTemplating,
              ConfigSpec.Builder::setTemplating)
          .build();

  private static final ShownTable<Config> TABLE =
      ShownTable.of(Config.class)
          .always("ID", TEXT, Config::getId)
          .inline(CommonJson.META, Config::getMeta)
          .always("Spec", SPEC, Config::getSpec)
          .build();

  private ConfigJson() {}

  /** A config as {@code GET /configs} shows it, with its data. */
  public static ObjectNode config(Config config) {
    return TABLE.show(config);
  }

  /** Reads a config that a client makes or changes. */
  public static ConfigSpec spec(Fields fields) {
    return SPEC.read(fields);
  }
}
