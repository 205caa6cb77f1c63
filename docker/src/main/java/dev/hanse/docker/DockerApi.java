package dev.hanse.docker;

import dev.hanse.agent.dispatch.EngineDoor;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.docker.cluster.ClusterRoutes;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.events.EventRoutes;
import dev.hanse.docker.events.SwarmEvents;
import dev.hanse.docker.network.NetworkRoutes;
import dev.hanse.docker.protocol.DockerDialect;
import dev.hanse.docker.remote.ManagersDoor;
import dev.hanse.docker.remote.OtherNodes;
import dev.hanse.docker.swarm.ConfigRoutes;
import dev.hanse.docker.swarm.LogRoutes;
import dev.hanse.docker.swarm.ManagerGate;
import dev.hanse.docker.swarm.NodeRoutes;
import dev.hanse.docker.swarm.SecretRoutes;
import dev.hanse.docker.swarm.ServiceRoutes;
import dev.hanse.docker.swarm.SwarmRoutes;
import dev.hanse.docker.swarm.TaskRoutes;
import dev.hanse.docker.system.SystemRoutes;
import dev.hanse.model.Task;
import dev.hanse.store.Store;
import dev.hanse.web.Dialect;
import dev.hanse.web.HttpListener;
import dev.hanse.web.Router;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.function.Supplier;

/** The Docker Engine API of this daemon, listening until closed. */
public final class DockerApi implements AutoCloseable {
  private final HttpListener listener;
  private final ManagersDoor managersDoor;
  private final EventHub events;

  private DockerApi(HttpListener listener, ManagersDoor managersDoor, EventHub events) {
    this.listener = listener;
    this.managersDoor = managersDoor;
    this.events = events;
  }

  /**
   * Starts listening.
   *
   * @param lifecycle this node's part in a swarm
   * @param engine this node's containers, images and volumes
   * @param tasks the swarm's tasks that are on this node, now
   * @param events where the engine puts its events; the swarm's come from {@link #follow}
   * @throws IOException if an end point is in use or cannot be made, or the root directory cannot
   *     be written
   */
  public static DockerApi start(
      DockerSettings settings,
      SwarmLifecycle lifecycle,
      LocalEngine engine,
      Supplier<Collection<Task>> tasks,
      EventHub events)
      throws IOException {
    Instant started = Instant.now();
    ManagerGate gate = new ManagerGate(lifecycle);
    LocalNetworks own = LocalNetworks.in(settings.rootDirectory());
    Router router = new Router();
    new SystemRoutes(settings, lifecycle, engine, started).addTo(router);
    new EventRoutes(events).addTo(router);
    new SwarmRoutes(lifecycle, gate).addTo(router);
    new NodeRoutes(gate).addTo(router);
    new ServiceRoutes(gate).addTo(router);
    new TaskRoutes(gate).addTo(router);
    new LogRoutes(gate).addTo(router);
    new NetworkRoutes(gate, own, started, tasks).addTo(router);
    new SecretRoutes(gate).addTo(router);
    new ConfigRoutes(gate).addTo(router);
    new ClusterRoutes(lifecycle, gate).addTo(router);
    Supplier<String> nodeId = () -> lifecycle.state().nodeId();
    engine.addTo(router, own, nodeId);
    Dialect dialect = new DockerDialect("Hanse/" + settings.version() + " (linux)", Failures::of);
    ManagersDoor door = new ManagersDoor(router, dialect, settings.callsDirectory());
    // After the door: what other nodes ask of this one, it asks of no third.
    new OtherNodes(gate, nodeId).addTo(router);
    return new DockerApi(HttpListener.start(settings.endpoints(), router, dialect), door, events);
  }

  /** Where managers that call this node find its containers; closed with this. */
  public EngineDoor managersDoor() {
    return managersDoor;
  }

  /** Makes events of what is committed to the cluster, until the subscription is closed. */
  public Store.Subscription follow(ClusterAccess cluster) {
    return cluster.subscribe(new SwarmEvents(events));
  }

  /** Stops listening and cuts what is open. */
  @Override
  public void close() {
    listener.close();
    managersDoor.close();
    events.wake();
  }
}
