package dev.hanse.node.membership;

import dev.hanse.agent.Agent;
import dev.hanse.agent.dispatch.Membership;
import dev.hanse.agent.gossip.GossipIdentity;
import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.agent.network.NodePlace;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.identity.CertificateUpkeep;
import dev.hanse.identity.LateRenewal;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.manager.Manager;
import dev.hanse.manager.authority.OwnCertificate;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.SessionMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins what this daemon consists of to a swarm, and takes it out again: networks, agent, gossip,
 * renewal of the certificate, and the manager's seat.
 */
final class Participation {
  private static final Logger LOG = LoggerFactory.getLogger(Participation.class);

  private final Ground ground;
  private final Agent agent;
  private final NetworkLoop networks;
  private final Listener listener;
  private final SecureRandom random = new SecureRandom();

  /** Who is told. */
  interface Listener {
    /** The part is there; nothing of it has started yet. */
    void taken(SwarmPart part);

    /** A manager runs here now. */
    void managerStarted(Manager manager);
  }

  Participation(Ground ground, Agent agent, NetworkLoop networks, Listener listener) {
    this.ground = ground;
    this.agent = agent;
    this.networks = networks;
    this.listener = listener;
  }

  /**
   * From here on the node is part of its swarm.
   *
   * @param manager that runs already, if any; others start and end with the node's role
   */
  SwarmPart take(SwarmState state, TlsCredentials credentials, Optional<Manager> manager)
      throws InterruptedException {
    NodeIdentity identity = credentials.identity();
    networks.join(place(identity.nodeId(), state));
    ManagerSeat seat =
        ManagerSeat.of(
            new ManagerSeat.Equipment(
                ground, credentials, agent::managers, listener::managerStarted),
            state,
            manager);
    SwarmPart part =
        new SwarmPart(
            credentials,
            CertificateUpkeep.start(
                ground.health(),
                credentials,
                agent::managers,
                own(seat, credentials),
                ground.clock(),
                random),
            seat);
    listener.taken(part);
    // On another thread: the agent may be waiting for the session in which the change was told.
    credentials.onReplace(renewed -> Thread.ofVirtual().start(agent::reconnect));
    agent.join(
        new Membership(
            identity.nodeId(),
            address -> ManagerChannel.open(address, credentials),
            manager.isPresent() ? List.of(state.advertised()) : state.remoteManagers(),
            () -> Trust.of(credentials.identity()),
            message -> {
              learn(identity.nodeId(), seat, message);
              part.receive(message);
            },
            this::endpoints),
        gossipIdentity(identity.nodeId(), state));
    seat.start();
    return part;
  }

  /** A manager that nobody answers renews by the state that it has. */
  private LateRenewal.OwnSource own(ManagerSeat seat, TlsCredentials credentials) {
    return () -> {
      Optional<Manager> running = seat.manager();
      return running.isEmpty()
          ? Optional.empty()
          : Optional.of(
              OwnCertificate.renew(running.get().snapshot(), credentials, ground.clock(), random));
    };
  }

  /** Like {@link #take}, after the loss of all other managers. */
  void takeAlone(SwarmState state, TlsCredentials credentials, Manager manager)
      throws InterruptedException {
    agent.forgetManagers();
    take(state, credentials, Optional.of(manager));
  }

  /** Gossip listens where the cluster's port does. */
  private static GossipIdentity gossipIdentity(String nodeId, SwarmState state) {
    return new GossipIdentity(
        nodeId,
        ManagerChannel.socketAddress(state.listenAddress()).getAddress(),
        InetAddress.ofLiteral(state.advertiseAddress()),
        GossipIdentity.DEFAULT_PORT);
  }

  private static NodePlace place(String nodeId, SwarmState state) {
    return new NodePlace(
        nodeId,
        Ipv4Address.of(state.dataPathAddress()),
        state.dataPathPort(),
        Set.of(
            ManagerChannel.socketAddress(state.listenAddress()).getPort(),
            GossipIdentity.DEFAULT_PORT));
  }

  /** The first message of a session comes before the first networks. */
  private void learn(String nodeId, ManagerSeat seat, SessionMessage message) {
    try {
      Optional<SwarmState> learned = seat.learn(message);
      if (learned.isPresent()) {
        LOG.info("the swarm's data path port is {}", learned.get().dataPathPort());
        networks.join(place(nodeId, learned.get()));
      }
    } catch (IOException fault) {
      throw new UncheckedIOException("keep the data path port", fault);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void endpoints(EndpointsMessage message, LongConsumer applied, Consumer<String> refused) {
    try {
      networks.receive(message, applied, refused);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the tasks and their networks; the part is closed by whoever has it. */
  void end() throws InterruptedException {
    agent.leave();
    networks.leave();
  }
}
