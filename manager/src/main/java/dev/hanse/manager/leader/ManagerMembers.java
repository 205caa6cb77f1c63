package dev.hanse.manager.leader;

import dev.hanse.manager.members.MembershipService;
import dev.hanse.manager.members.RoleManager;
import io.grpc.ServerServiceDefinition;
import java.util.List;

/** The leader's part that keeps the group of managers as it should be, and serves those outside. */
final class ManagerMembers implements LeaderPart {
  private final RoleManager roles;
  private final MembershipService service;

  private ManagerMembers(LeaderScope scope) {
    roles =
        new RoleManager(
            scope.health(),
            scope.store(),
            scope.submit(),
            scope.log(),
            scope.nodeId(),
            scope.contacts());
    service =
        new MembershipService(
            scope.store(), scope.submit(), scope.log(), scope.credentials(), roles);
  }

  /** Begins with a term. */
  static LeaderPart begin(LeaderScope scope) {
    return new ManagerMembers(scope);
  }

  @Override
  public List<ServerServiceDefinition> services() {
    return List.of(service.bindService());
  }

  @Override
  public void close() {
    roles.close();
  }
}
