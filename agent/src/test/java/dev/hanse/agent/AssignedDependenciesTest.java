package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentChange.AssignmentAction;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Config;
import dev.hanse.model.Secret;
import org.junit.jupiter.api.Test;

class AssignedDependenciesTest {
  private final AssignedDependencies dependencies = new AssignedDependencies();

  private static AssignmentChange secret(AssignmentAction action, String id) {
    Assignment.Builder assignment =
        Assignment.newBuilder().setSecret(Secret.newBuilder().setId(id));
    return AssignmentChange.newBuilder().setAction(action).setAssignment(assignment).build();
  }

  private static AssignmentChange config(AssignmentAction action, String id) {
    Assignment.Builder assignment =
        Assignment.newBuilder().setConfig(Config.newBuilder().setId(id));
    return AssignmentChange.newBuilder().setAction(action).setAssignment(assignment).build();
  }

  private void assign(AssignmentsMessage.Type type, AssignmentChange... changes) {
    AssignmentsMessage.Builder message = AssignmentsMessage.newBuilder().setType(type);
    for (AssignmentChange change : changes) {
      message.addChanges(change);
    }
    dependencies.assign(message.build());
  }

  @Test
  void a_complete_message_replaces_everything() {
    assign(
        AssignmentsMessage.Type.COMPLETE,
        secret(AssignmentAction.UPDATE, "s1"),
        config(AssignmentAction.UPDATE, "c1"));
    assign(
        AssignmentsMessage.Type.COMPLETE,
        secret(AssignmentAction.UPDATE, "s1"),
        secret(AssignmentAction.UPDATE, "s2"));
    assertThat(dependencies.ids()).containsExactlyInAnyOrder("s1", "s2");
    assertThat(dependencies.config("c1")).isEmpty();
  }

  @Test
  void an_incremental_message_changes_what_it_names() {
    assign(
        AssignmentsMessage.Type.COMPLETE,
        secret(AssignmentAction.UPDATE, "s1"),
        config(AssignmentAction.UPDATE, "c1"));
    assign(
        AssignmentsMessage.Type.INCREMENTAL,
        secret(AssignmentAction.REMOVE, "s1"),
        config(AssignmentAction.UPDATE, "c2"));
    assertThat(dependencies.secret("s1")).isEmpty();
    assertThat(dependencies.ids()).containsExactlyInAnyOrder("c1", "c2");
  }

  @Test
  void a_node_takes_no_more_secrets_than_it_may() {
    for (int i = 0; i < AssignedDependencies.COUNT_MAX; i++) {
      assign(AssignmentsMessage.Type.INCREMENTAL, secret(AssignmentAction.UPDATE, "s" + i));
    }
    assign(AssignmentsMessage.Type.INCREMENTAL, secret(AssignmentAction.UPDATE, "one more"));
    assertThat(dependencies.ids()).hasSize(AssignedDependencies.COUNT_MAX);
    assertThat(dependencies.secret("one more")).isEmpty();
  }
}
