package dev.hanse.runtime.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A seccomp profile that a user brings, in Docker's form (the specification's with conditions on
 * rules: https://docs.docker.com/engine/security/seccomp/). It is taken whole or not at all: a word
 * that is not known is an error, since a condition that nobody reads leaves a rule too wide.
 */
public final class SeccompDocument {
  /** Docker's own profile has 15 kB; one is stored with each task. */
  public static final int BYTES_MAX = 128 << 10;

  private static final int DEPTH_MAX = 10;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEPTH_MAX)
                          .maxNumberLength(20)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Set<String> FIELDS =
      Set.of("defaultAction", "defaultErrnoRet", "architectures", "archMap", "flags", "syscalls");
  private static final Set<String> FLAGS =
      Set.of(
          "SECCOMP_FILTER_FLAG_TSYNC",
          "SECCOMP_FILTER_FLAG_LOG",
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
          "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");

  private final SeccompFields root;
  private final List<SeccompRule> rules;

  private SeccompDocument(SeccompFields root, List<SeccompRule> rules) {
    this.root = root;
    this.rules = List.copyOf(rules);
  }

  /**
   * Reads all of it.
   *
   * @throws RuntimeFault INVALID, with what is wrong and where
   */
  public static SeccompDocument parse(byte[] json) {
    if (json.length == 0) {
      throw SeccompFields.invalid("the profile is empty");
    }
    if (json.length > BYTES_MAX) {
      throw SeccompFields.invalid(
          "the profile has " + json.length + " bytes, at most " + BYTES_MAX + " are allowed");
    }
    SeccompFields root = SeccompFields.of(tree(json), "profile");
    root.onlyKnown(FIELDS);
    SeccompRule.action(root, "defaultAction");
    root.errorNumber("defaultErrnoRet", root.text("defaultAction"));
    root.words("architectures").forEach(SeccompMachines::require);
    archMap(root);
    for (String flag : root.words("flags")) {
      if (!FLAGS.contains(flag)) {
        throw SeccompFields.invalid("unknown flag \"" + flag + "\"");
      }
    }
    if (root.has("architectures") && root.has("archMap")) {
      // Docker's words.
      throw SeccompFields.invalid(
          "both 'architectures' and 'archMap' are specified in the seccomp profile, use either"
              + " 'architectures' or 'archMap'");
    }
    List<SeccompRule> rules = new ArrayList<>();
    for (SeccompFields entry : root.objects("syscalls")) {
      rules.add(SeccompRule.of(entry));
    }
    return new SeccompDocument(root, rules);
  }

  private static JsonNode tree(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException failure) {
      throw SeccompFields.invalid(failure.getOriginalMessage());
    } catch (IOException impossible) {
      throw SeccompFields.invalid(String.valueOf(impossible.getMessage()));
    }
  }

  /** For the machine itself what it names and what it can run besides; none for another. */
  private static Optional<List<String>> archMap(SeccompFields root, String machine) {
    for (SeccompFields entry : root.objects("archMap")) {
      if (entry.text("architecture").equals(machine)) {
        List<String> names = new ArrayList<>(List.of(machine));
        names.addAll(entry.words("subArchitectures"));
        return Optional.of(names);
      }
    }
    return Optional.empty();
  }

  private static void archMap(SeccompFields root) {
    for (SeccompFields entry : root.objects("archMap")) {
      entry.onlyKnown(Set.of("architecture", "subArchitectures"));
      SeccompMachines.require(entry.text("architecture"));
      entry.words("subArchitectures").forEach(SeccompMachines::require);
    }
  }

  /**
   * The {@code linux.seccomp} part of the specification.
   *
   * @param capabilities those of the container's bounding set, with CAP_
   */
  ObjectNode specification(Collection<String> capabilities, HostFacts facts) {
    ObjectNode profile = JsonNodeFactory.instance.objectNode();
    profile.put("defaultAction", root.text("defaultAction"));
    root.number("defaultErrnoRet").ifPresent(value -> profile.put("defaultErrnoRet", value));
    List<String> architectures =
        root.has("architectures")
            ? root.words("architectures")
            : SeccompMachines.ofHost(facts.architecture())
                .flatMap(machine -> archMap(root, machine))
                .orElse(List.of());
    if (!architectures.isEmpty()) {
      architectures.forEach(profile.putArray("architectures")::add);
    }
    if (root.has("flags")) {
      root.words("flags").forEach(profile.putArray("flags")::add);
    }
    ArrayNode syscalls = profile.putArray("syscalls");
    for (SeccompRule rule : rules) {
      if (rule.appliesTo(capabilities, facts)) {
        syscalls.add(rule.specification());
      }
    }
    return profile;
  }
}
