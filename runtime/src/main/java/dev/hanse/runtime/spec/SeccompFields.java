package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.runtime.RuntimeFault;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One object of a seccomp profile, read strictly: a field is of its type, or absent (null is
 * absent, as with Docker).
 *
 * @param place where it is, for messages
 */
record SeccompFields(JsonNode node, String place) {
  private static final BigInteger LONG_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
  private static final int ERROR_NUMBER_MAX = 4095;
  private static final Set<String> WITH_ERROR_NUMBER = Set.of("SCMP_ACT_ERRNO", "SCMP_ACT_TRACE");

  static SeccompFields of(JsonNode node, String place) {
    if (!node.isObject()) {
      throw invalid(place + " must be an object");
    }
    return new SeccompFields(node, place);
  }

  /** Docker's words for a profile that it cannot read. */
  static RuntimeFault invalid(String reason) {
    return new RuntimeFault(
        RuntimeFault.Kind.INVALID, "Decoding seccomp profile failed: " + reason);
  }

  void onlyKnown(Set<String> known) {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw invalid("unknown field \"" + name + "\" in " + place);
              }
            });
  }

  /** Present with something in it. */
  boolean has(String name) {
    JsonNode value = node.path(name);
    return value.isValueNode() ? !value.isNull() : !value.isEmpty();
  }

  /** "" if absent. */
  String text(String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw invalid(name + " of " + place + " must be a text");
    }
    return value.textValue();
  }

  List<String> words(String name) {
    List<String> words = new ArrayList<>();
    for (JsonNode value : array(name)) {
      if (!value.isTextual()) {
        throw invalid(name + " of " + place + " must hold texts");
      }
      words.add(value.textValue());
    }
    return words;
  }

  List<SeccompFields> objects(String name) {
    List<SeccompFields> objects = new ArrayList<>();
    for (JsonNode value : array(name)) {
      objects.add(of(value, name + "[" + objects.size() + "]"));
    }
    return objects;
  }

  Optional<SeccompFields> object(String name) {
    JsonNode value = node.path(name);
    return value.isMissingNode() || value.isNull()
        ? Optional.empty()
        : Optional.of(of(value, name + " of " + place));
  }

  private JsonNode array(String name) {
    JsonNode value = node.path(name);
    if (!value.isMissingNode() && !value.isNull() && !value.isArray()) {
      throw invalid(name + " of " + place + " must be a list");
    }
    return value;
  }

  /** Of 64 bits without sign. */
  Optional<BigInteger> number(String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isIntegralNumber()
        || value.bigIntegerValue().signum() < 0
        || value.bigIntegerValue().compareTo(LONG_MAX) > 0) {
      throw invalid(name + " of " + place + " must be a number from 0 to 2^64-1");
    }
    return Optional.of(value.bigIntegerValue());
  }

  /** A number that goes with an action that has one. */
  Optional<BigInteger> errorNumber(String name, String action) {
    Optional<BigInteger> value = number(name);
    if (value.isPresent() && value.get().bitLength() > 12) {
      throw invalid(name + " of " + place + " must be at most " + ERROR_NUMBER_MAX);
    }
    if (value.isPresent() && !WITH_ERROR_NUMBER.contains(action)) {
      throw invalid(name + " of " + place + " has no meaning with " + action);
    }
    return value;
  }
}
