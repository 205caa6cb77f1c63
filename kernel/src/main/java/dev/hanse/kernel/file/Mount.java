package dev.hanse.kernel.file;

import java.nio.file.Path;

/**
 * A mounted file system, from {@code /proc/self/mountinfo} (proc(5)).
 *
 * @param target where it is mounted
 * @param root which directory of the file system is seen there
 * @param type such as {@code ext4}, {@code overlay}, {@code tmpfs}
 * @param source what is mounted: a device, or a name without meaning
 * @param options of this mount, such as {@code ro,nosuid}
 * @param fileSystemOptions of the file system, such as {@code lowerdir=…}
 * @param shared whether mounts made below appear in other mount namespaces
 */
public record Mount(
    Path target,
    String root,
    String type,
    String source,
    String options,
    String fileSystemOptions,
    boolean shared) {}
