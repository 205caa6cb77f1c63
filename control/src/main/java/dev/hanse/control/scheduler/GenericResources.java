package dev.hanse.control.scheduler;

import dev.hanse.model.DiscreteGenericResource;
import dev.hanse.model.GenericResource;
import dev.hanse.model.NamedGenericResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * User-defined resources of a node: "ssd=3" counts, "gpu=uuid1" names single ones. A task asks for
 * a number of either sort.
 */
final class GenericResources {
  private final Map<String, Long> counts = new HashMap<>();
  private final Map<String, TreeSet<String>> names = new TreeMap<>();

  GenericResources(List<GenericResource> all) {
    for (GenericResource resource : all) {
      if (resource.hasNamedResourceSpec()) {
        NamedGenericResource named = resource.getNamedResourceSpec();
        names.computeIfAbsent(named.getKind(), kind -> new TreeSet<>()).add(named.getValue());
      } else {
        DiscreteGenericResource discrete = resource.getDiscreteResourceSpec();
        counts.merge(discrete.getKind(), discrete.getValue(), Long::sum);
      }
    }
  }

  void subtract(List<GenericResource> assigned) {
    for (GenericResource resource : assigned) {
      if (resource.hasNamedResourceSpec()) {
        NamedGenericResource named = resource.getNamedResourceSpec();
        names.computeIfAbsent(named.getKind(), kind -> new TreeSet<>()).remove(named.getValue());
      } else {
        DiscreteGenericResource discrete = resource.getDiscreteResourceSpec();
        counts.merge(discrete.getKind(), -discrete.getValue(), Long::sum);
      }
    }
  }

  boolean suffices(List<GenericResource> wanted) {
    for (GenericResource resource : wanted) {
      DiscreteGenericResource number = resource.getDiscreteResourceSpec();
      if (available(number.getKind()) < number.getValue()) {
        return false;
      }
    }
    return true;
  }

  /** Takes what {@link #suffices} has allowed. */
  List<GenericResource> claim(List<GenericResource> wanted) {
    List<GenericResource> claimed = new ArrayList<>();
    for (GenericResource resource : wanted) {
      DiscreteGenericResource number = resource.getDiscreteResourceSpec();
      TreeSet<String> named = names.getOrDefault(number.getKind(), new TreeSet<>());
      if (named.isEmpty()) {
        counts.merge(number.getKind(), -number.getValue(), Long::sum);
        claimed.add(GenericResource.newBuilder().setDiscreteResourceSpec(number).build());
      } else {
        for (long i = 0; i < number.getValue() && !named.isEmpty(); i++) {
          String name = named.first();
          named.remove(name);
          claimed.add(
              GenericResource.newBuilder()
                  .setNamedResourceSpec(
                      NamedGenericResource.newBuilder().setKind(number.getKind()).setValue(name))
                  .build());
        }
      }
    }
    return claimed;
  }

  /** Takes back what {@link #claim} has given. */
  void giveBack(List<GenericResource> claimed) {
    for (GenericResource resource : claimed) {
      if (resource.hasNamedResourceSpec()) {
        NamedGenericResource named = resource.getNamedResourceSpec();
        names.computeIfAbsent(named.getKind(), kind -> new TreeSet<>()).add(named.getValue());
      } else {
        DiscreteGenericResource discrete = resource.getDiscreteResourceSpec();
        counts.merge(discrete.getKind(), discrete.getValue(), Long::sum);
      }
    }
  }

  private long available(String kind) {
    TreeSet<String> named = names.getOrDefault(kind, new TreeSet<>());
    return named.isEmpty() ? counts.getOrDefault(kind, 0L) : named.size();
  }
}
