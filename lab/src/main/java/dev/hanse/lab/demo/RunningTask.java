package dev.hanse.lab.demo;

/**
 * A running task of a service.
 *
 * @param id the task's id
 * @param name as {@code docker service ps} shows it: web.1
 * @param host where it runs
 * @param containerId its container's id
 * @param pid its process on this machine
 * @param startedAt when its container started, as the API tells it
 */
public record RunningTask(
    String id, String name, String host, String containerId, long pid, String startedAt) {

  /** The host name that its container sees: the beginning of the container's id. */
  public String containerHostname() {
    return containerId.substring(0, Math.min(12, containerId.length()));
  }
}
