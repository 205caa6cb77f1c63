package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.FileTarget;
import dev.hanse.model.RuntimeTarget;
import dev.hanse.model.SecretReference;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;

/** The secrets and configs that a container gets, and where. */
final class FileReferenceJson {
  private FileReferenceJson() {}

  static ObjectNode secret(SecretReference reference) {
    ObjectNode object = Json.object();
    object.set("File", file(reference.getFile()));
    return object
        .put("SecretID", reference.getSecretId())
        .put("SecretName", reference.getSecretName());
  }

  static ObjectNode config(ConfigReference reference) {
    ObjectNode object = Json.object();
    switch (reference.getTargetCase()) {
      case FILE -> object.set("File", file(reference.getFile()));
      case RUNTIME -> object.putObject("Runtime");
      case TARGET_NOT_SET -> {}
    }
    return object
        .put("ConfigID", reference.getConfigId())
        .put("ConfigName", reference.getConfigName());
  }

  private static ObjectNode file(FileTarget target) {
    return Json.object()
        .put("Name", target.getName())
        .put("UID", target.getUid())
        .put("GID", target.getGid())
        .put("Mode", Integer.toUnsignedLong(target.getMode()));
  }

  static SecretReference secret(Fields fields) {
    SecretReference.Builder reference =
        SecretReference.newBuilder()
            .setSecretId(fields.text("SecretID"))
            .setSecretName(fields.text("SecretName"));
    fields.object("File").map(FileReferenceJson::file).ifPresent(reference::setFile);
    return reference.build();
  }

  static ConfigReference config(Fields fields) {
    ConfigReference.Builder reference =
        ConfigReference.newBuilder()
            .setConfigId(fields.text("ConfigID"))
            .setConfigName(fields.text("ConfigName"));
    boolean file = fields.has("File");
    boolean runtime = fields.has("Runtime");
    if (file == runtime) {
      throw HttpFailure.invalid(
          file
              ? "invalid Config: cannot specify both File and Runtime"
              : "invalid Config: either File or Runtime should be set");
    }
    fields.object("File").map(FileReferenceJson::file).ifPresent(reference::setFile);
    if (runtime) {
      reference.setRuntime(RuntimeTarget.getDefaultInstance());
    }
    return reference.build();
  }

  private static FileTarget file(Fields fields) {
    return FileTarget.newBuilder()
        .setName(fields.text("Name"))
        .setUid(fields.text("UID"))
        .setGid(fields.text("GID"))
        .setMode(fields.unsigned32("Mode"))
        .build();
  }
}
