package dev.hanse.manager.leader;

import dev.hanse.calls.NodeCalls;
import dev.hanse.manager.ClusterUpdates;
import dev.hanse.manager.authority.AuthorityServices;
import dev.hanse.manager.authority.CertificateAuthority;
import dev.hanse.manager.calls.CallsService;
import dev.hanse.manager.calls.NodeLinks;
import dev.hanse.manager.dispatch.DispatchLoop;
import dev.hanse.manager.dispatch.DispatcherService;
import dev.hanse.manager.dispatch.EndpointsService;
import dev.hanse.manager.dispatch.SessionMessages;
import dev.hanse.manager.forward.SubmitService;
import dev.hanse.manager.log.LogBroker;
import dev.hanse.manager.log.LogReaders;
import dev.hanse.manager.log.LogServices;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leader runs during one term, wired by hand; the parts stop in the reverse order of their
 * start. Nothing of one term is taken over into the next.
 */
public final class LeaderTerm implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LeaderTerm.class);

  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();
  private final DispatchLoop dispatch;
  private final NodeLinks links;

  /** Begins: the parts run when this returns. */
  public LeaderTerm(LeaderScope scope) {
    try {
      links = starting(new NodeLinks(scope.store()));
      dispatch =
          starting(
              new DispatchLoop(
                  scope.health(),
                  scope.store(),
                  scope.submit(),
                  scope.random(),
                  new SessionMessages(scope.nodeId(), scope.advertised()),
                  scope.liveness(),
                  scope.stopPatience()));
      starting(
          new CertificateAuthority(
              scope.health(),
              scope.store(),
              scope.submit(),
              scope.credentials(),
              scope.clock(),
              scope.random()));
      serveOwn(scope);
      for (LeaderPart.Factory factory : LeaderParts.ALL) {
        starting(factory.begin(scope)).services().forEach(this::serve);
      }
      dispatch.expectNodes();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void serveOwn(LeaderScope scope) {
    AuthorityServices authority =
        new AuthorityServices(scope.store(), scope.submit(), scope.clock());
    CallsService calls = starting(new CallsService(links, dispatch::check));
    LogBroker broker = new LogBroker(links, scope.random());
    starting(broker::leaderChanged);
    LogServices logServices =
        new LogServices(broker, starting(new LogReaders(scope.store(), links)));
    serve(authority.authority().bindService());
    serve(authority.nodeAuthority().bindService());
    serve(
        new DispatcherService(scope.store(), scope.submit(), dispatch, scope.advertisedHost())
            .bindService());
    serve(new EndpointsService(dispatch).bindService());
    serve(calls.service());
    serve(logServices.forNodes().bindService());
    serve(logServices.forManagers().bindService());
    ClusterUpdates updates =
        new ClusterUpdates(
            scope.store(), scope.submit(), scope.credentials(), scope.clock(), scope.random());
    serve(new SubmitService(scope.store(), scope.submit(), updates::update).service());
  }

  private void serve(ServerServiceDefinition service) {
    service
        .getMethods()
        .forEach(method -> methods.put(method.getMethodDescriptor().getFullMethodName(), method));
  }

  /** What serves a method, by its full name; empty if the leader does not have it. */
  public Optional<ServerMethodDefinition<?, ?>> method(String name) {
    return Optional.ofNullable(methods.get(name));
  }

  /** The nodes that are in touch. */
  public DispatchLoop dispatch() {
    return dispatch;
  }

  /** Asks nodes. */
  public NodeCalls calls() {
    return links;
  }

  /** Ends: streams of nodes and readers are closed, so that they find the next leader. */
  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        logger.warn("a part of the former leader did not stop cleanly", e);
      }
    }
  }

  private <T extends AutoCloseable> T starting(T part) {
    started.push(part);
    return part;
  }
}
