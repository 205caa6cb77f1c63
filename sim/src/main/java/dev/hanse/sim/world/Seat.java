package dev.hanse.sim.world;

import com.google.protobuf.ByteString;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.IssueCertificate;
import dev.hanse.control.command.NodeCommand.RenewCertificate;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.raft.log.Member;
import dev.hanse.sim.net.Connection;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.sim.world.Request.Answer;
import dev.hanse.store.Kind;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Where a daemon's manager sits, if its node's role asks for one, as node/ManagerSeat: a manager's
 * certificate starts one, which asks to be taken in; a worker's ends it and removes its log.
 */
final class Seat {
  private static final long SIGNING_MAX = Timeline.SECOND;
  private static final long ASK_MAX = 15 * Timeline.SECOND;
  private static final long PAUSE = Timeline.SECOND;
  private static final long LOOK = Timeline.SECOND / 2;
  private static final long PATIENCE = 3 * Timeline.SECOND;

  private final World world;
  private final Host host;
  private final Machine machine;
  private Optional<Node> told = Optional.empty();
  private boolean renewing;
  private int requests;
  private boolean asking;
  private long leaderless;

  Seat(World world, Host host) {
    this.world = world;
    this.host = host;
    this.machine = host.machine();
    machine.after(LOOK, this::look);
  }

  /** As node/Readmission: who knows of no leader may have been taken out without noticing. */
  private void look() {
    boolean without =
        host.isMember() && host.manager().filter(run -> run.log().leader().isEmpty()).isPresent();
    leaderless = without ? leaderless + LOOK : 0;
    if (leaderless >= PATIENCE && !asking) {
      ask();
    }
    machine.after(LOOK, this::look);
  }

  /** A session's news of the node; as identity/CertificateUpkeep. */
  void told(Node node) {
    told = Optional.of(node);
    if (!renewing && needsAnother(node)) {
      renewing = true;
      ByteString csr = ByteString.copyFromUtf8(host.name() + ++requests);
      send(new RenewCertificate(host.nodeId(), csr), written -> requested(written, csr));
    }
  }

  private boolean needsAnother(Node node) {
    return node.getRole() != host.certified()
        || (node.hasCertificate() && node.getCertificate().getRole() != host.certified());
  }

  /** The signing itself is the leader's; here the node asks for it. */
  private void requested(Node node, ByteString csr) {
    NodeRole role = node.getCertificate().getRole();
    IssueCertificate issue = new IssueCertificate(host.nodeId(), csr, role, csr);
    machine.after(
        world.random().nextLong(SIGNING_MAX),
        () ->
            send(
                issue,
                signed ->
                    machine.after(world.random().nextLong(SIGNING_MAX), () -> renewed(role))));
  }

  private void renewed(NodeRole role) {
    renewing = false;
    world.trace().line("%s has the certificate of a %s", host.name(), role);
    host.certify(role);
    follow();
    told.ifPresent(this::told);
  }

  private void send(Command command, Consumer<Node> written) {
    Host asked = world.host(world.any(host.managers()));
    Request.send(
        world,
        machine,
        asked,
        command,
        answer -> {
          if (answer instanceof Answer.Written(var decision)
              && decision.result().orElse(null) instanceof Node node) {
            written.accept(node);
          } else {
            machine.after(
                PAUSE,
                () -> {
                  renewing = false;
                  told.ifPresent(this::told);
                });
          }
        });
  }

  void follow() {
    boolean wanted = host.certified() == NodeRole.MANAGER;
    if (!wanted && host.isManagerHost()) {
      host.vacate();
    } else if (wanted && !host.isMember() && !asking) {
      host.occupy();
      ask();
    }
  }

  private void ask() {
    asking = true;
    List<String> others =
        host.managers().stream().filter(name -> !name.equals(host.name())).toList();
    if (others.isEmpty()) {
      machine.after(PAUSE, this::askAgain);
      return;
    }
    Host asked = world.host(world.any(others));
    boolean[] over = new boolean[1];
    Runnable failed =
        () -> {
          if (!over[0]) {
            over[0] = true;
            machine.after(PAUSE, this::askAgain);
          }
        };
    machine.after(ASK_MAX, failed);
    Connection connection = new Connection(world.network(), List.of(machine, asked.machine()));
    connection.onClosedAtClient(failed);
    connection.toServer(
        () -> {
          Optional<Host> leader =
              asked.manager().flatMap(run -> run.log().leader()).map(world::host);
          connection.toClient(
              () -> leader.ifPresentOrElse(there -> ask(asked, there, failed, over), failed));
        });
  }

  private void ask(Host asked, Host leader, Runnable failed, boolean[] over) {
    List<Machine> path =
        asked == leader
            ? List.of(machine, asked.machine())
            : List.of(machine, asked.machine(), leader.machine());
    Connection connection = new Connection(world.network(), path);
    connection.onClosedAtClient(failed);
    connection.toServer(
        () ->
            leader
                .manager()
                .filter(run -> run.leads() && isManager(run, host.nodeId()))
                .ifPresentOrElse(
                    run -> add(leader, run, connection, failed, over),
                    () -> connection.toClient(failed)));
  }

  /** As manager/members/MembershipService: the state knows better than a certificate. */
  private static boolean isManager(ManagerRun leader, String nodeId) {
    Optional<Node> node = leader.snapshot().find(Kind.NODE, nodeId);
    return node.filter(found -> found.getRole() == NodeRole.MANAGER)
        .filter(found -> found.getSpec().getDesiredRole() == NodeRole.MANAGER)
        .filter(found -> found.getCertificate().getRole() == NodeRole.MANAGER)
        .isPresent();
  }

  private void add(
      Host leader, ManagerRun run, Connection connection, Runnable failed, boolean[] over) {
    Member member = new Member(host.name(), host.name());
    boolean known = run.log().members().contains(member);
    CompletableFuture<Void> added =
        known ? CompletableFuture.completedFuture(null) : run.log().addMember(member);
    var unused =
        added.whenComplete(
            (nothing, fault) ->
                leader
                    .machine()
                    .after(
                        0,
                        () -> {
                          run.lookAtRoles();
                          connection.toClient(fault == null ? () -> taken(over) : failed);
                        }));
  }

  private void taken(boolean[] over) {
    if (!over[0]) {
      over[0] = true;
      asking = false;
      if (host.isManagerHost()) {
        world.trace().line("%s is a member of the log", host.name());
        host.joined();
      }
    }
  }

  private void askAgain() {
    asking = false;
    follow();
  }
}
