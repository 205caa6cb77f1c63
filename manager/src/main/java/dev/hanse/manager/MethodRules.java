package dev.hanse.manager;

import static dev.hanse.identity.server.AccessControl.Access.ANYONE;
import static dev.hanse.identity.server.AccessControl.Access.MANAGERS;
import static dev.hanse.identity.server.AccessControl.Access.NODES;

import dev.hanse.identity.server.AccessControl.Access;
import dev.hanse.model.CAGrpc;
import dev.hanse.model.CommandsGrpc;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.EndpointsGrpc;
import dev.hanse.model.HealthGrpc;
import dev.hanse.model.LogBrokerGrpc;
import dev.hanse.model.LogsGrpc;
import dev.hanse.model.NodeCAGrpc;
import dev.hanse.model.NodeCallsGrpc;
import dev.hanse.model.RaftGrpc;
import dev.hanse.model.RaftMembershipGrpc;
import io.grpc.MethodDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which role may call which method of a manager; what is not listed nobody may. */
public final class MethodRules {
  private static final Map<MethodDescriptor<?, ?>, Access> RULES =
      Map.ofEntries(
          Map.entry(CAGrpc.getGetRootCACertificateMethod(), ANYONE),
          Map.entry(CAGrpc.getGetUnlockKeyMethod(), MANAGERS),
          Map.entry(NodeCAGrpc.getIssueNodeCertificateMethod(), ANYONE),
          Map.entry(NodeCAGrpc.getNodeCertificateStatusMethod(), ANYONE),
          Map.entry(DispatcherGrpc.getSessionMethod(), NODES),
          Map.entry(DispatcherGrpc.getHeartbeatMethod(), NODES),
          Map.entry(DispatcherGrpc.getUpdateTaskStatusMethod(), NODES),
          Map.entry(DispatcherGrpc.getAssignmentsMethod(), NODES),
          Map.entry(EndpointsGrpc.getWatchMethod(), NODES),
          Map.entry(LogBrokerGrpc.getListenSubscriptionsMethod(), NODES),
          Map.entry(LogBrokerGrpc.getPublishLogsMethod(), NODES),
          Map.entry(LogsGrpc.getSubscribeLogsMethod(), MANAGERS),
          Map.entry(NodeCallsGrpc.getAnswerMethod(), NODES),
          Map.entry(NodeCallsGrpc.getAskMethod(), MANAGERS),
          Map.entry(RaftGrpc.getExchangeMethod(), MANAGERS),
          Map.entry(RaftMembershipGrpc.getJoinMethod(), MANAGERS),
          Map.entry(RaftMembershipGrpc.getLeaveMethod(), MANAGERS),
          Map.entry(CommandsGrpc.getSubmitMethod(), MANAGERS),
          Map.entry(HealthGrpc.getCheckMethod(), MANAGERS));

  private MethodRules() {}

  /** The rules by method. */
  static Map<MethodDescriptor<?, ?>, Access> methods() {
    return RULES;
  }

  /** The rules by full method name. */
  public static Map<String, Access> byName() {
    Map<String, Access> rules = new LinkedHashMap<>();
    RULES.forEach((method, access) -> rules.put(method.getFullMethodName(), access));
    return rules;
  }
}
