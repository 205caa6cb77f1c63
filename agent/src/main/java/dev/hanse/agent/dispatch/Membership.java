package dev.hanse.agent.dispatch;

import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.SessionMessage;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What makes this host a node of a swarm, as the agent sees it.
 *
 * @param nodeId this node's id
 * @param channels opens connections to managers
 * @param managers addresses ({@code HOST:PORT}) known from joining; those learned in sessions are
 *     remembered and tried as well
 * @param trust asked at the begin of each session: the root that this node trusts now and who
 *     signed its certificate
 * @param sessionMessages called for each message of a session, on the session's thread: the node's
 *     own object (role, attachments), the managers, the root CA
 * @param endpoints takes the endpoint tables
 */
public record Membership(
    String nodeId,
    ManagerChannels channels,
    List<String> managers,
    Supplier<NodeTLSInfo> trust,
    Consumer<SessionMessage> sessionMessages,
    EndpointsListener endpoints) {

  /** Copies the list. */
  public Membership {
    managers = List.copyOf(managers);
  }

  /** The same, with somebody who is told of the session's messages first. */
  public Membership telling(Consumer<SessionMessage> first) {
    return new Membership(
        nodeId, channels, managers, trust, first.andThen(sessionMessages), endpoints);
  }
}
