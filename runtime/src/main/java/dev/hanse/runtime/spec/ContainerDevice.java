package dev.hanse.runtime.spec;

import java.nio.file.Path;

/**
 * A device node, or a directory of them, of the host given to a container.
 *
 * @param permissions any of {@code r}, {@code w}, {@code m}
 */
public record ContainerDevice(Path hostPath, String containerPath, String permissions) {}
