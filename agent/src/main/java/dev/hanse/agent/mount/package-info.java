/**
 * Driver: what is mounted into a container. {@link dev.hanse.agent.mount.ContainerMounts} checks
 * mounts and makes the volumes they name; {@link dev.hanse.agent.mount.VolumeParts} holds subpaths
 * of volumes until the container has them; {@link dev.hanse.agent.mount.TaskFiles} keeps the files
 * of secrets, configs and host names.
 */
@NullMarked
package dev.hanse.agent.mount;

import org.jspecify.annotations.NullMarked;
