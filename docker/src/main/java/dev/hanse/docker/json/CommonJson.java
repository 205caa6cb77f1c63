package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TIME;
import static dev.hanse.docker.field.Notations.UNSIGNED;

import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.model.Annotations;
import dev.hanse.model.Driver;
import dev.hanse.model.Meta;
import dev.hanse.model.Version;
import java.util.Locale;

/** What all objects have: version, times, name, labels; and drivers. */
final class CommonJson {
  /** An object's version. */
  static final ShownTable<Version> VERSION =
      ShownTable.of(Version.class).line("Index", UNSIGNED, Version::getIndex).build();

  /** Version and times, which stand among the other fields of an object. */
  static final ShownTable<Meta> META =
      ShownTable.of(Meta.class)
          .always("Version", VERSION, Meta::getVersion)
          .always("CreatedAt", TIME, Meta::getCreatedAt)
          .always("UpdatedAt", TIME, Meta::getUpdatedAt)
          .build();

  /** A driver and its options. */
  static final FieldTable<Driver, Driver.Builder> DRIVER =
      FieldTable.of(Driver::newBuilder, Driver.Builder::build)
          .line("Name", TEXT, Driver::getName, Driver.Builder::setName)
          .line("Options", MAP, Driver::getOptionsMap, Driver.Builder::putAllOptions)
          .build();

  /** Name and labels, which stand among the other fields of a specification. */
  static final FieldTable<Annotations, Annotations.Builder> ANNOTATIONS =
      FieldTable.of(Annotations::newBuilder, Annotations.Builder::build)
          .line("Name", TEXT, Annotations::getName, Annotations.Builder::setName)
          .always("Labels", MAP, Annotations::getLabelsMap, Annotations.Builder::putAllLabels)
          .without("indices", "swarmkit's own, for its store")
          .build();

  private CommonJson() {}

  /** An enum's name as Docker writes it. */
  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
