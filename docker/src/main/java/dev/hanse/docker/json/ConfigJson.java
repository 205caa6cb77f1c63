package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;
import dev.hanse.web.Json;

/** Configs. */
public final class ConfigJson {
  private ConfigJson() {}

  /** A config as {@code GET /configs} shows it, with its data. */
  public static ObjectNode config(Config config) {
    ObjectNode object = Json.object();
    object.put("ID", config.getId());
    CommonJson.meta(object, config.getMeta());
    ObjectNode spec = object.putObject("Spec");
    CommonJson.annotations(spec, config.getSpec().getAnnotations());
    Out.bytes(spec, "Data", config.getSpec().getData());
    if (config.getSpec().hasTemplating()) {
      spec.set("Templating", CommonJson.driver(config.getSpec().getTemplating()));
    }
    return object;
  }

  /** Reads a config that a client makes or changes. */
  public static ConfigSpec spec(Fields fields) {
    ConfigSpec.Builder spec =
        ConfigSpec.newBuilder()
            .setAnnotations(CommonJson.annotations(fields))
            .setData(fields.bytes("Data"));
    fields.object("Templating").map(CommonJson::driver).ifPresent(spec::setTemplating);
    return spec.build();
  }
}
