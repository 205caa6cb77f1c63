package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.NUMBER;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.UNSIGNED_32;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Given;
import dev.hanse.docker.field.Notations;
import dev.hanse.docker.field.Words;
import dev.hanse.model.Mount;
import dev.hanse.model.Mount.BindOptions;
import dev.hanse.model.Mount.TmpfsOptions;
import dev.hanse.model.Mount.VolumeOptions;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import org.jspecify.annotations.Nullable;

/** Bind, volume and tmpfs mounts. */
public final class MountJson {
  /** How mounts below the source of a bind travel, such as {@code rprivate}. */
  public static final Words<BindOptions.Propagation> PROPAGATION =
      words("MountPropagation", BindOptions.Propagation.RPRIVATE);

  /** What is mounted, such as {@code volume}. */
  public static final Words<Mount.Type> TYPE = words("MountType", Mount.Type.BIND);

  private static final FieldTable<BindOptions, BindOptions.Builder> BIND =
      FieldTable.of(BindOptions::newBuilder, BindOptions.Builder::build)
          .always(
              "Propagation",
              PROPAGATION,
              BindOptions::getPropagation,
              BindOptions.Builder::setPropagation)
          .line(
              "NonRecursive",
              FLAG,
              BindOptions::getNonrecursive,
              BindOptions.Builder::setNonrecursive)
          .line(
              "CreateMountpoint",
              FLAG,
              BindOptions::getCreatemountpoint,
              BindOptions.Builder::setCreatemountpoint)
          .line(
              "ReadOnlyNonRecursive",
              FLAG,
              BindOptions::getReadonlynonrecursive,
              BindOptions.Builder::setReadonlynonrecursive)
          .line(
              "ReadOnlyForceRecursive",
              FLAG,
              BindOptions::getReadonlyforcerecursive,
              BindOptions.Builder::setReadonlyforcerecursive)
          .build();

  private static final FieldTable<VolumeOptions, VolumeOptions.Builder> VOLUME =
      FieldTable.of(VolumeOptions::newBuilder, VolumeOptions.Builder::build)
          .line("NoCopy", FLAG, VolumeOptions::getNocopy, VolumeOptions.Builder::setNocopy)
          .line("Labels", MAP, VolumeOptions::getLabelsMap, VolumeOptions.Builder::putAllLabels)
          .line("Subpath", TEXT, VolumeOptions::getSubpath, VolumeOptions.Builder::setSubpath)
          .optional(
              "DriverConfig",
              CommonJson.DRIVER,
              VolumeOptions::hasDriverConfig,
              VolumeOptions::getDriverConfig,
              VolumeOptions.Builder::setDriverConfig)
          .build();

  private static final FieldTable<TmpfsOptions, TmpfsOptions.Builder> TMPFS =
      FieldTable.of(TmpfsOptions::newBuilder, TmpfsOptions.Builder::build)
          .line("SizeBytes", NUMBER, TmpfsOptions::getSizeBytes, TmpfsOptions.Builder::setSizeBytes)
          .line("Mode", UNSIGNED_32, TmpfsOptions::getMode, TmpfsOptions.Builder::setMode)
          .line(
              "Options",
              Notations.of(MountJson::arrays, text -> arrays(text).isEmpty(), MountJson::arrays),
              TmpfsOptions::getOptions,
              TmpfsOptions.Builder::setOptions)
          .build();

  /** A mount as specifications have it, and the host's part of a container's inspect. */
  public static final FieldTable<Mount, Mount.Builder> TABLE =
      FieldTable.of(Mount::newBuilder, Mount.Builder::build)
          .always("Type", TYPE, Mount::getType, Mount.Builder::setType)
          .line("Source", TEXT, Mount::getSource, Mount.Builder::setSource)
          .line("Target", TEXT, Mount::getTarget, Mount.Builder::setTarget)
          .line("ReadOnly", FLAG, Mount::getReadonly, Mount.Builder::setReadonly)
          .line(
              "Consistency",
              words("MountConsistency", Mount.Consistency.DEFAULT),
              Mount::getConsistency,
              Mount.Builder::setConsistency)
          .optional(
              "BindOptions",
              BIND,
              Mount::hasBindOptions,
              Mount::getBindOptions,
              Mount.Builder::setBindOptions)
          .optional(
              "VolumeOptions",
              VOLUME,
              Mount::hasVolumeOptions,
              Mount::getVolumeOptions,
              Mount.Builder::setVolumeOptions)
          .optional(
              "TmpfsOptions",
              TMPFS,
              Mount::hasTmpfsOptions,
              Mount::getTmpfsOptions,
              Mount.Builder::setTmpfsOptions)
          .build();

  private MountJson() {}

  private static <E extends Enum<E>> Words<E> words(String what, E usual) {
    return Words.inAnyCase(usual, text -> "invalid " + what + ": \"" + text + "\"");
  }

  /** The model holds Docker's array of arrays as JSON text. */
  private static ArrayNode arrays(String text) {
    JsonNode list =
        text.isEmpty()
            ? Json.array()
            : Json.parse(text, () -> HttpFailure.internal("tmpfs options"));
    return list instanceof ArrayNode array ? array : Json.array();
  }

  private static @Nullable String arrays(Given field) {
    JsonNode list = field.arrays();
    return list.isEmpty() ? null : list.toString();
  }
}
