package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Route;
import dev.hanse.web.Router;
import java.io.IOException;

/** Requests of Docker's API that this daemon does not serve, and what to do in their place. */
final class RefusedRoutes {
  private RefusedRoutes() {}

  static void addTo(Router router) {
    Route files =
        refuse("files of containers cannot be copied by this daemon: use \"docker exec\"");
    Route plugins = refuse("plugins cannot be had by this daemon");
    router
        .get("/plugins", RefusedRoutes::listNothing)
        .get("/plugins/{name...}/json", RefusedRoutes::noPlugin)
        .delete("/plugins/{name...}", RefusedRoutes::noPlugin)
        .get("/plugins/privileges", plugins)
        .post("/plugins/{name...}", plugins)
        .post(
            "/containers/create",
            refuse("containers are made by services here: use \"docker service create\""))
        .post(
            "/containers/{id}/update",
            refuse(
                "the limits of a container are its service's: use \"docker service update"
                    + " --limit-cpu … --limit-memory …\""))
        .post(
            "/containers/{id}/rename",
            refuse("a container has the name of its task, which cannot be changed"))
        .get("/containers/{id}/export", files)
        .get("/containers/{id}/changes", files)
        .get("/containers/{id}/archive", files)
        .head("/containers/{id}/archive", files)
        .put("/containers/{id}/archive", files)
        .get(
            "/containers/{id}/attach/ws",
            refuse("attaching over a websocket is not supported: use \"docker attach\""))
        .post("/commit", refuse("images cannot be made of containers by this daemon"))
        .post("/build", refuse("images cannot be built by this daemon: build and push them"))
        .post("/build/prune", RefusedRoutes::pruneNothing)
        .post(
            "/images/{name...}/push",
            refuse(
                "images cannot be pushed by this daemon: use \"docker save\" and a registry tool"))
        .get("/images/search", refuse("searching a registry is not supported by this daemon"))
        .put("/volumes/{name}", refuse("cluster volumes are not supported by this daemon"));
  }

  private static Route refuse(String message) {
    return exchange -> {
      throw HttpFailure.notImplemented(message);
    };
  }

  private static void listNothing(Exchange exchange) throws IOException {
    exchange.json(200, Json.array());
  }

  private static void noPlugin(Exchange exchange) {
    throw HttpFailure.notFound("plugin \"" + exchange.variable("name") + "\" not found");
  }

  /** There is no build cache: {@code docker system prune} goes on. */
  private static void pruneNothing(Exchange exchange) throws IOException {
    ObjectNode answer = Json.object();
    answer.putNull("CachesDeleted").put("SpaceReclaimed", 0);
    exchange.json(200, answer);
  }
}
