package dev.hanse.runtime.content;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.runtime.RuntimeFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kind of machine that this node is, in Docker's names. */
public record Platform(String operatingSystem, String architecture, String variant) {
  private static final int MANIFESTS_MAX = 1000;

  /** What this host can run. */
  public static Platform ofThisHost() {
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (machine) {
      case "x86_64", "amd64" -> new Platform("linux", "amd64", "");
      case "aarch64", "arm64" -> new Platform("linux", "arm64", "v8");
      case "arm" -> new Platform("linux", "arm", "v7");
      default -> new Platform("linux", machine, "");
    };
  }

  /** The platforms that an index names, without what is for none (attestations). */
  public static List<RemoteImage.ImagePlatform> ofIndex(byte[] index) {
    JsonNode root = Documents.read(index, RuntimeFault.Kind.BAD_IMAGE, "image index");
    List<RemoteImage.ImagePlatform> platforms = new ArrayList<>();
    for (JsonNode item : root.path("manifests")) {
      JsonNode given = item.path("platform");
      String architecture = given.path("architecture").asText("");
      boolean real = !architecture.isEmpty() && !architecture.equals("unknown");
      if (real && platforms.size() < MANIFESTS_MAX) {
        platforms.add(
            new RemoteImage.ImagePlatform(
                given.path("os").asText(""), architecture, given.path("variant").asText("")));
      }
    }
    return platforms;
  }

  /** The manifest of an index that is for this platform; BAD_IMAGE if there is none. */
  public BlobDescriptor choose(byte[] index, String what) {
    JsonNode root = Documents.read(index, RuntimeFault.Kind.BAD_IMAGE, "image index");
    Optional<BlobDescriptor> second = Optional.empty();
    int count = 0;
    for (JsonNode item : root.path("manifests")) {
      JsonNode given = item.path("platform");
      if (++count > MANIFESTS_MAX) {
        break;
      }
      if (given.path("os").asText("").equals(operatingSystem)
          && given.path("architecture").asText("").equals(architecture)) {
        BlobDescriptor descriptor = BlobDescriptor.read(item);
        if (given.path("variant").asText("").equals(variant)) {
          return descriptor;
        }
        second = second.or(() -> Optional.of(descriptor));
      }
    }
    return second.orElseThrow(
        () ->
            new RuntimeFault(
                RuntimeFault.Kind.BAD_IMAGE,
                "no matching manifest for "
                    + operatingSystem
                    + "/"
                    + architecture
                    + (variant.isEmpty() ? "" : "/" + variant)
                    + " in the manifest list entries of "
                    + what));
  }
}
