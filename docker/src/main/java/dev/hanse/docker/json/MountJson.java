package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.Mount;
import dev.hanse.model.Mount.BindOptions;
import dev.hanse.model.Mount.TmpfsOptions;
import dev.hanse.model.Mount.VolumeOptions;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.Locale;

/** Bind, volume and tmpfs mounts. */
public final class MountJson {
  private MountJson() {}

  /** A mount as specifications have it, and the host's part of a container's inspect. */
  public static ObjectNode mount(Mount mount) {
    ObjectNode object = Json.object();
    object.put("Type", lower(mount.getType()));
    Out.text(object, "Source", mount.getSource());
    Out.text(object, "Target", mount.getTarget());
    Out.flag(object, "ReadOnly", mount.getReadonly());
    if (mount.getConsistency() != Mount.Consistency.DEFAULT) {
      object.put("Consistency", lower(mount.getConsistency()));
    }
    if (mount.hasBindOptions()) {
      bind(object.putObject("BindOptions"), mount.getBindOptions());
    }
    if (mount.hasVolumeOptions()) {
      volume(object.putObject("VolumeOptions"), mount.getVolumeOptions());
    }
    if (mount.hasTmpfsOptions()) {
      tmpfs(object.putObject("TmpfsOptions"), mount.getTmpfsOptions());
    }
    return object;
  }

  /** How mounts below the source of a bind travel, such as {@code rprivate}. */
  public static String propagation(Mount mount) {
    return lower(mount.getBindOptions().getPropagation());
  }

  private static void bind(ObjectNode object, BindOptions options) {
    object.put("Propagation", lower(options.getPropagation()));
    Out.flag(object, "NonRecursive", options.getNonrecursive());
    Out.flag(object, "CreateMountpoint", options.getCreatemountpoint());
    Out.flag(object, "ReadOnlyNonRecursive", options.getReadonlynonrecursive());
    Out.flag(object, "ReadOnlyForceRecursive", options.getReadonlyforcerecursive());
  }

  private static void volume(ObjectNode object, VolumeOptions options) {
    Out.flag(object, "NoCopy", options.getNocopy());
    Out.map(object, "Labels", options.getLabelsMap());
    Out.text(object, "Subpath", options.getSubpath());
    if (options.hasDriverConfig()) {
      object.set("DriverConfig", CommonJson.driver(options.getDriverConfig()));
    }
  }

  private static void tmpfs(ObjectNode object, TmpfsOptions options) {
    Out.number(object, "SizeBytes", options.getSizeBytes());
    Out.number(object, "Mode", Integer.toUnsignedLong(options.getMode()));
    // The model holds Docker's array of arrays as JSON text.
    if (!options.getOptions().isEmpty()) {
      JsonNode list = Json.parse(options.getOptions(), () -> HttpFailure.internal("tmpfs options"));
      if (list.isArray() && !list.isEmpty()) {
        object.set("Options", list);
      }
    }
  }

  static Mount mount(Fields fields) {
    Mount.Builder mount =
        Mount.newBuilder()
            .setType(value(Mount.Type.class, fields.text("Type"), Mount.Type.BIND, "MountType"))
            .setSource(fields.text("Source"))
            .setTarget(fields.text("Target"))
            .setReadonly(fields.flag("ReadOnly"))
            .setConsistency(
                value(
                    Mount.Consistency.class,
                    fields.text("Consistency"),
                    Mount.Consistency.DEFAULT,
                    "MountConsistency"));
    fields.object("BindOptions").map(MountJson::bind).ifPresent(mount::setBindOptions);
    fields.object("VolumeOptions").map(MountJson::volume).ifPresent(mount::setVolumeOptions);
    fields.object("TmpfsOptions").map(MountJson::tmpfs).ifPresent(mount::setTmpfsOptions);
    return mount.build();
  }

  private static <E extends Enum<E>> E value(Class<E> type, String text, E absent, String what) {
    if (text.isEmpty()) {
      return absent;
    }
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(text.toUpperCase(Locale.ROOT)) && !text.equals("UNRECOGNIZED")) {
        return value;
      }
    }
    throw HttpFailure.invalid("invalid " + what + ": \"" + text + "\"");
  }

  private static BindOptions bind(Fields fields) {
    return BindOptions.newBuilder()
        .setPropagation(
            value(
                BindOptions.Propagation.class,
                fields.text("Propagation"),
                BindOptions.Propagation.RPRIVATE,
                "MountPropagation"))
        .setNonrecursive(fields.flag("NonRecursive"))
        .setCreatemountpoint(fields.flag("CreateMountpoint"))
        .setReadonlynonrecursive(fields.flag("ReadOnlyNonRecursive"))
        .setReadonlyforcerecursive(fields.flag("ReadOnlyForceRecursive"))
        .build();
  }

  private static VolumeOptions volume(Fields fields) {
    VolumeOptions.Builder options =
        VolumeOptions.newBuilder()
            .setNocopy(fields.flag("NoCopy"))
            .putAllLabels(fields.map("Labels"))
            .setSubpath(fields.text("Subpath"));
    fields.object("DriverConfig").map(CommonJson::driver).ifPresent(options::setDriverConfig);
    return options.build();
  }

  private static TmpfsOptions tmpfs(Fields fields) {
    TmpfsOptions.Builder options =
        TmpfsOptions.newBuilder()
            .setSizeBytes(fields.number("SizeBytes"))
            .setMode(fields.unsigned32("Mode"));
    ArrayNode list = fields.arrays("Options");
    if (!list.isEmpty()) {
      options.setOptions(list.toString());
    }
    return options.build();
  }
}
