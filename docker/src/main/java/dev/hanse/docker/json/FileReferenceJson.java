package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.UNSIGNED_32;

import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.FileTarget;
import dev.hanse.model.RuntimeTarget;
import dev.hanse.model.SecretReference;
import dev.hanse.web.HttpFailure;

/** The secrets and configs that a container gets, and where. */
final class FileReferenceJson {
  private static final FieldTable<FileTarget, FileTarget.Builder> FILE =
      FieldTable.of(FileTarget::newBuilder, FileTarget.Builder::build)
          .always("Name", TEXT, FileTarget::getName, FileTarget.Builder::setName)
          .always("UID", TEXT, FileTarget::getUid, FileTarget.Builder::setUid)
          .always("GID", TEXT, FileTarget::getGid, FileTarget.Builder::setGid)
          .always("Mode", UNSIGNED_32, FileTarget::getMode, FileTarget.Builder::setMode)
          .build();

  private static final FieldTable<RuntimeTarget, RuntimeTarget.Builder> RUNTIME =
      FieldTable.of(RuntimeTarget::newBuilder, RuntimeTarget.Builder::build).build();

  /** A secret and its file. */
  static final FieldTable<SecretReference, SecretReference.Builder> SECRET =
      FieldTable.of(SecretReference::newBuilder, SecretReference.Builder::build)
          .optional(
              "File",
              FILE,
              SecretReference::hasFile,
              SecretReference::getFile,
              SecretReference.Builder::setFile)
          .always(
              "SecretID", TEXT, SecretReference::getSecretId, SecretReference.Builder::setSecretId)
          .always(
              "SecretName",
              TEXT,
              SecretReference::getSecretName,
              SecretReference.Builder::setSecretName)
          .build();

  /** A config and its file, or that it is used elsewhere in the specification. */
  static final FieldTable<ConfigReference, ConfigReference.Builder> CONFIG =
      FieldTable.of(ConfigReference::newBuilder, ConfigReference.Builder::build)
          .also((fields, config) -> oneTarget(fields))
          .optional(
              "File",
              FILE,
              ConfigReference::hasFile,
              ConfigReference::getFile,
              ConfigReference.Builder::setFile)
          .optional(
              "Runtime",
              RUNTIME,
              ConfigReference::hasRuntime,
              ConfigReference::getRuntime,
              ConfigReference.Builder::setRuntime)
          .always(
              "ConfigID", TEXT, ConfigReference::getConfigId, ConfigReference.Builder::setConfigId)
          .always(
              "ConfigName",
              TEXT,
              ConfigReference::getConfigName,
              ConfigReference.Builder::setConfigName)
          .build();

  private FileReferenceJson() {}

  private static void oneTarget(Fields fields) {
    boolean file = fields.has("File");
    if (file == fields.has("Runtime")) {
      throw HttpFailure.invalid(
          file
              ? "invalid Config: cannot specify both File and Runtime"
              : "invalid Config: either File or Runtime should be set");
    }
  }
}
