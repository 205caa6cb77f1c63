package dev.hanse.agent.volume;

import dev.hanse.bounds.ForeignMap;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * A volume of this node.
 *
 * @param name unique on the node
 * @param mountpoint the directory that containers see
 * @param createdAt when it was made, whole seconds
 * @param labels as given by who made it
 * @param options of the driver
 * @param anonymous made for one container without a name, to be removed with it
 */
public record LocalVolume(
    String name,
    Path mountpoint,
    Instant createdAt,
    Map<String, String> labels,
    Map<String, String> options,
    boolean anonymous) {

  /** Name of the only driver. */
  public static final String DRIVER = "local";

  /** Copies the maps. */
  public LocalVolume {
    labels = ForeignMap.copyOf(labels);
    options = ForeignMap.copyOf(options);
  }
}
