package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Int64Value;
import dev.hanse.model.DiscreteGenericResource;
import dev.hanse.model.GenericResource;
import dev.hanse.model.NamedGenericResource;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.Resources;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.List;
import java.util.Optional;

/** Processors, memory and generic resources. */
final class ResourcesJson {
  private ResourcesJson() {}

  /**
   * Limits and reservations.
   *
   * @param processLimit the container's limit of processes, which Docker shows here
   */
  static Optional<ObjectNode> requirements(
      Optional<ResourceRequirements> requirements, long processLimit) {
    if (requirements.isEmpty() && processLimit == 0) {
      return Optional.empty();
    }
    ObjectNode object = Json.object();
    ResourceRequirements wanted = requirements.orElse(ResourceRequirements.getDefaultInstance());
    if (wanted.hasLimits() || processLimit != 0) {
      ObjectNode limits = amounts(wanted.getLimits());
      Out.number(limits, "Pids", processLimit);
      object.set("Limits", limits);
    }
    if (wanted.hasReservations()) {
      object.set("Reservations", resources(wanted.getReservations()));
    }
    if (wanted.hasSwapBytes()) {
      object.put("SwapBytes", wanted.getSwapBytes().getValue());
    }
    if (wanted.hasMemorySwappiness()) {
      object.put("MemorySwappiness", wanted.getMemorySwappiness().getValue());
    }
    return Optional.of(object);
  }

  private static ObjectNode amounts(Resources resources) {
    ObjectNode object = Json.object();
    Out.number(object, "NanoCPUs", resources.getNanoCpus());
    Out.number(object, "MemoryBytes", resources.getMemoryBytes());
    return object;
  }

  static ObjectNode resources(Resources resources) {
    ObjectNode object = amounts(resources);
    generic(object, resources.getGenericList());
    return object;
  }

  static void generic(ObjectNode object, List<GenericResource> resources) {
    if (resources.isEmpty()) {
      return;
    }
    ArrayNode array = object.putArray("GenericResources");
    for (GenericResource resource : resources) {
      ObjectNode element = array.addObject();
      switch (resource.getResourceCase()) {
        case NAMED_RESOURCE_SPEC -> {
          ObjectNode named = element.putObject("NamedResourceSpec");
          Out.text(named, "Kind", resource.getNamedResourceSpec().getKind());
          Out.text(named, "Value", resource.getNamedResourceSpec().getValue());
        }
        case DISCRETE_RESOURCE_SPEC -> {
          ObjectNode discrete = element.putObject("DiscreteResourceSpec");
          Out.text(discrete, "Kind", resource.getDiscreteResourceSpec().getKind());
          Out.number(discrete, "Value", resource.getDiscreteResourceSpec().getValue());
        }
        case RESOURCE_NOT_SET -> {}
      }
    }
  }

  static ResourceRequirements requirements(Fields fields) {
    ResourceRequirements.Builder wanted = ResourceRequirements.newBuilder();
    fields.object("Limits").ifPresent(limits -> wanted.setLimits(amounts(limits)));
    fields
        .object("Reservations")
        .ifPresent(
            reservations -> {
              Resources.Builder resources = amounts(reservations);
              for (Fields generic : reservations.objects("GenericResources")) {
                resources.addGeneric(generic(generic));
              }
              wanted.setReservations(resources);
            });
    fields.findNumber("SwapBytes").ifPresent(value -> wanted.setSwapBytes(Int64Value.of(value)));
    fields
        .findNumber("MemorySwappiness")
        .ifPresent(value -> wanted.setMemorySwappiness(Int64Value.of(value)));
    if (wanted.hasSwapBytes() && wanted.getLimits().getMemoryBytes() == 0) {
      throw HttpFailure.invalid("memory swap provided, but no memory-limit was set");
    }
    return wanted.build();
  }

  private static Resources.Builder amounts(Fields fields) {
    return Resources.newBuilder()
        .setNanoCpus(fields.number("NanoCPUs"))
        .setMemoryBytes(fields.number("MemoryBytes"));
  }

  private static GenericResource generic(Fields fields) {
    GenericResource.Builder resource = GenericResource.newBuilder();
    fields
        .object("NamedResourceSpec")
        .ifPresent(
            named ->
                resource.setNamedResourceSpec(
                    NamedGenericResource.newBuilder()
                        .setKind(named.text("Kind"))
                        .setValue(named.text("Value"))));
    fields
        .object("DiscreteResourceSpec")
        .ifPresent(
            discrete ->
                resource.setDiscreteResourceSpec(
                    DiscreteGenericResource.newBuilder()
                        .setKind(discrete.text("Kind"))
                        .setValue(discrete.number("Value"))));
    return resource.build();
  }
}
