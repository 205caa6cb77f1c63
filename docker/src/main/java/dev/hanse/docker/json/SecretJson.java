package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.BYTES;
import static dev.hanse.docker.field.Notations.TEXT;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretSpec;

/** Secrets. What is written never holds the data. */
public final class SecretJson {
  private static final FieldTable<SecretSpec, SecretSpec.Builder> SPEC =
      FieldTable.of(SecretSpec::newBuilder, SecretSpec.Builder::build)
          .inline(
              CommonJson.ANNOTATIONS,
              SecretSpec::getAnnotations,
              SecretSpec.Builder::getAnnotationsBuilder)
          .secret("Data", BYTES, SecretSpec::getData, SecretSpec.Builder::setData)
          .optional(
              "Driver",
              CommonJson.DRIVER,
              SecretSpec::hasDriver,
              SecretSpec::getDriver,
              SecretSpec.Builder::setDriver)
          .optional(
              "Templating",
              CommonJson.DRIVER,
              SecretSpec::hasTemplating,
              SecretSpec::getTemplating,
              SecretSpec.Builder::setTemplating)
          .build();

  private static final ShownTable<Secret> TABLE =
      ShownTable.of(Secret.class)
          .always("ID", TEXT, Secret::getId)
          .inline(CommonJson.META, Secret::getMeta)
          .always("Spec", SPEC, Secret::getSpec)
          .without("spec.data", "nobody gets a secret back")
          .without("internal", "swarmkit's own, which no API shows")
          .build();

  private SecretJson() {}

  /** A secret as {@code GET /secrets} shows it: without its data. */
  public static ObjectNode secret(Secret secret) {
    return TABLE.show(secret);
  }

  /** Reads a secret that a client makes or changes. */
  public static SecretSpec spec(Fields fields) {
    return SPEC.read(fields);
  }
}
