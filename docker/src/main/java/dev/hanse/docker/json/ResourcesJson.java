package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.NUMBER;
import static dev.hanse.docker.field.Notations.OPTIONAL_NUMBER;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.list;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.model.DiscreteGenericResource;
import dev.hanse.model.GenericResource;
import dev.hanse.model.NamedGenericResource;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.Resources;
import dev.hanse.model.TaskSpec;
import dev.hanse.web.HttpFailure;

/** Processors, memory and generic resources. */
final class ResourcesJson {
  private static final FieldTable<NamedGenericResource, NamedGenericResource.Builder> NAMED =
      FieldTable.of(NamedGenericResource::newBuilder, NamedGenericResource.Builder::build)
          .line("Kind", TEXT, NamedGenericResource::getKind, NamedGenericResource.Builder::setKind)
          .line(
              "Value", TEXT, NamedGenericResource::getValue, NamedGenericResource.Builder::setValue)
          .build();

  private static final FieldTable<DiscreteGenericResource, DiscreteGenericResource.Builder>
      DISCRETE =
          FieldTable.of(DiscreteGenericResource::newBuilder, DiscreteGenericResource.Builder::build)
              .line(
                  "Kind",
                  TEXT,
                  DiscreteGenericResource::getKind,
                  DiscreteGenericResource.Builder::setKind)
              .line(
                  "Value",
                  NUMBER,
                  DiscreteGenericResource::getValue,
                  DiscreteGenericResource.Builder::setValue)
              .build();

  /** A resource that nodes name themselves: one of its kind, or a number of them. */
  static final FieldTable<GenericResource, GenericResource.Builder> GENERIC =
      FieldTable.of(GenericResource::newBuilder, GenericResource.Builder::build)
          .optional(
              "NamedResourceSpec",
              NAMED,
              GenericResource::hasNamedResourceSpec,
              GenericResource::getNamedResourceSpec,
              GenericResource.Builder::setNamedResourceSpec)
          .optional(
              "DiscreteResourceSpec",
              DISCRETE,
              GenericResource::hasDiscreteResourceSpec,
              GenericResource::getDiscreteResourceSpec,
              GenericResource.Builder::setDiscreteResourceSpec)
          .build();

  /** What a node has or a task reserves. */
  static final FieldTable<Resources, Resources.Builder> RESOURCES =
      amounts()
          .line(
              "GenericResources",
              list(GENERIC),
              Resources::getGenericList,
              Resources.Builder::addAllGeneric)
          .build();

  private static final FieldTable<Resources, Resources.Builder> LIMITS =
      amounts().without("generic", "reserved, never limited").build();

  private static final FieldTable<ResourceRequirements, ResourceRequirements.Builder> TABLE =
      FieldTable.of(ResourceRequirements::newBuilder, ResourceRequirements.Builder::build)
          .optional(
              "Limits",
              LIMITS,
              ResourceRequirements::hasLimits,
              ResourceRequirements::getLimits,
              ResourceRequirements.Builder::setLimits)
          .optional(
              "Reservations",
              RESOURCES,
              ResourceRequirements::hasReservations,
              ResourceRequirements::getReservations,
              ResourceRequirements.Builder::setReservations)
          .optional(
              "SwapBytes",
              OPTIONAL_NUMBER,
              ResourceRequirements::hasSwapBytes,
              ResourceRequirements::getSwapBytes,
              ResourceRequirements.Builder::setSwapBytes)
          .optional(
              "MemorySwappiness",
              OPTIONAL_NUMBER,
              ResourceRequirements::hasMemorySwappiness,
              ResourceRequirements::getMemorySwappiness,
              ResourceRequirements.Builder::setMemorySwappiness)
          .also(
              (fields, wanted) -> {
                if (wanted.hasSwapBytes() && wanted.getLimits().getMemoryBytes() == 0) {
                  throw HttpFailure.invalid("memory swap provided, but no memory-limit was set");
                }
              })
          .build();

  private ResourcesJson() {}

  private static FieldTable.Lines<Resources, Resources.Builder> amounts() {
    return FieldTable.of(Resources::newBuilder, Resources.Builder::build)
        .line("NanoCPUs", NUMBER, Resources::getNanoCpus, Resources.Builder::setNanoCpus)
        .line("MemoryBytes", NUMBER, Resources::getMemoryBytes, Resources.Builder::setMemoryBytes);
  }

  /** A task's requirements; Docker shows the container's limit of processes among its limits. */
  static void show(TaskSpec spec, ObjectNode object) {
    long processes = spec.getContainer().getPidsLimit();
    if (!spec.hasResources() && processes == 0) {
      return;
    }
    ResourceRequirements wanted = spec.getResources();
    if (processes != 0 && !wanted.hasLimits()) {
      wanted = wanted.toBuilder().setLimits(Resources.getDefaultInstance()).build();
    }
    ObjectNode resources = TABLE.show(wanted);
    if (processes != 0) {
      resources.withObject("/Limits").put("Pids", processes);
    }
    object.set("Resources", resources);
  }

  /** Reads what {@link #show} shows; the container must have been read before. */
  static void read(Fields fields, TaskSpec.Builder spec) {
    fields.object("Resources").map(TABLE::read).ifPresent(spec::setResources);
    fields
        .objectOrEmpty("Resources")
        .objectOrEmpty("Limits")
        .findNumber("Pids")
        .ifPresent(spec.getContainerBuilder()::setPidsLimit);
  }
}
