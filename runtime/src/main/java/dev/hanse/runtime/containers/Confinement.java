package dev.hanse.runtime.containers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.runtime.confinement.AppArmorProfile;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * What keeps a container in, as its specification says it and runc has set it up.
 *
 * @param appArmorProfile "" where the kernel has no AppArmor
 * @param maskedPaths files of the kernel that are hidden
 * @param readOnlyPaths files of the kernel that are not written
 * @param ownControlGroups whether it sees its own control groups only
 */
public record Confinement(
    String appArmorProfile,
    List<String> maskedPaths,
    List<String> readOnlyPaths,
    boolean ownControlGroups) {
  public Confinement {
    maskedPaths = List.copyOf(maskedPaths);
    readOnlyPaths = List.copyOf(readOnlyPaths);
  }

  static Confinement of(JsonNode specification) {
    JsonNode linux = specification.path("linux");
    return new Confinement(
        profile(specification.path("process")),
        texts(linux.path("maskedPaths")),
        texts(linux.path("readonlyPaths")),
        StreamSupport.stream(linux.path("namespaces").spliterator(), false)
            .anyMatch(namespace -> namespace.path("type").asText().equals("cgroup")));
  }

  private static String profile(JsonNode process) {
    return process.path("apparmorProfile").asText("");
  }

  /** Whether a process with this description needs the profile to be in the kernel. */
  static boolean needsProfile(JsonNode process) {
    return profile(process).equals(AppArmorProfile.NAME);
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }
}
