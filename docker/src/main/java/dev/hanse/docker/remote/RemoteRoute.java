package dev.hanse.docker.remote;

import java.util.List;

/**
 * A route that works for containers of other nodes too, and that managers may use on this one.
 *
 * @param template the path, with {@code {id}} for the container's or exec's id
 * @param body whether the request has a JSON body
 * @param upgrade whether the connection may become raw bytes both ways
 */
record RemoteRoute(String method, String template, boolean body, boolean upgrade) {
  static final List<RemoteRoute> ALL =
      List.of(
          asking("/containers/{id}/json"),
          asking("/containers/{id}/top"),
          asking("/containers/{id}/logs"),
          asking("/containers/{id}/stats"),
          telling("/containers/{id}/wait"),
          telling("/containers/{id}/kill"),
          telling("/containers/{id}/stop"),
          telling("/containers/{id}/restart"),
          telling("/containers/{id}/pause"),
          telling("/containers/{id}/unpause"),
          telling("/containers/{id}/resize"),
          new RemoteRoute("POST", "/containers/{id}/attach", false, true),
          new RemoteRoute("POST", "/containers/{id}/exec", true, false),
          new RemoteRoute("POST", "/exec/{id}/start", true, true),
          telling("/exec/{id}/resize"),
          asking("/exec/{id}/json"));

  private static RemoteRoute asking(String template) {
    return new RemoteRoute("GET", template, false, false);
  }

  private static RemoteRoute telling(String template) {
    return new RemoteRoute("POST", template, false, false);
  }

  boolean isOfExec() {
    return template.startsWith("/exec/");
  }

  String path(String id) {
    return template.replace("{id}", id);
  }
}
