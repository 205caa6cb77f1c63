package dev.hanse.control.command;

import dev.hanse.model.ServiceSpec;

/** Writes on services. */
public sealed interface ServiceCommand extends Command {
  /** Makes a service; the result is the {@code Service}. Networks may be named by id or name. */
  record CreateService(ServiceSpec spec) implements ServiceCommand {}

  /**
   * Replaces the specification; the result is the {@code Service}.
   *
   * @param id the service's id
   * @param version the version that the caller has seen
   * @param spec the new specification; with a rollback only validated
   * @param rollback whether to return to the previous specification
   */
  record UpdateService(String id, long version, ServiceSpec spec, boolean rollback)
      implements ServiceCommand {}

  /** Removes a service; its tasks are stopped and removed. */
  record RemoveService(String id) implements ServiceCommand {}
}
