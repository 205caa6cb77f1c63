package dev.hanse.control.command;

import com.google.protobuf.Any;
import dev.hanse.model.Annotations;

/** Writes on resources: objects of kinds that swarm mode does not know. */
public sealed interface ResourceCommand extends Command {
  /** Makes a resource; the result is the {@code Resource}. */
  record CreateResource(String kind, Annotations annotations, Any payload)
      implements ResourceCommand {}

  /**
   * Replaces labels and payload if {@code version} is the present one; kind and name stay. The
   * result is the {@code Resource}.
   */
  record UpdateResource(String id, long version, Annotations annotations, Any payload)
      implements ResourceCommand {}

  /** Removes a resource. */
  record RemoveResource(String id) implements ResourceCommand {}
}
