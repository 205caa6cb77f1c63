package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretSpec;
import dev.hanse.web.Json;

/** Secrets. What is written never holds the data. */
public final class SecretJson {
  private SecretJson() {}

  /** A secret as {@code GET /secrets} shows it: without its data. */
  public static ObjectNode secret(Secret secret) {
    ObjectNode object = Json.object();
    object.put("ID", secret.getId());
    CommonJson.meta(object, secret.getMeta());
    ObjectNode spec = object.putObject("Spec");
    CommonJson.annotations(spec, secret.getSpec().getAnnotations());
    if (secret.getSpec().hasDriver()) {
      spec.set("Driver", CommonJson.driver(secret.getSpec().getDriver()));
    }
    if (secret.getSpec().hasTemplating()) {
      spec.set("Templating", CommonJson.driver(secret.getSpec().getTemplating()));
    }
    return object;
  }

  /** Reads a secret that a client makes or changes. */
  public static SecretSpec spec(Fields fields) {
    SecretSpec.Builder spec =
        SecretSpec.newBuilder()
            .setAnnotations(CommonJson.annotations(fields))
            .setData(fields.bytes("Data"));
    fields.object("Driver").map(CommonJson::driver).ifPresent(spec::setDriver);
    fields.object("Templating").map(CommonJson::driver).ifPresent(spec::setTemplating);
    return spec.build();
  }
}
