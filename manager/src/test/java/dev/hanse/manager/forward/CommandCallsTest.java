package dev.hanse.manager.forward;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.ConfigCommand.RemoveConfig;
import dev.hanse.control.command.ConfigCommand.UpdateConfig;
import dev.hanse.control.command.NetworkCommand.AttachNetwork;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NetworkCommand.DetachNetwork;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.SetNodeRole;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.SecretCommand.UpdateSecret;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.command.TaskCommand.RemoveTask;
import dev.hanse.manager.forward.CommandCalls.CommandCall;
import dev.hanse.model.Annotations;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;
import dev.hanse.model.ControlGrpc;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.SecretSpec;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Commands become requests and requests become the same commands. */
final class CommandCallsTest {
  private static final Annotations NAME = Annotations.newBuilder().setName("name").build();
  private static final ServiceSpec SERVICE = ServiceSpec.newBuilder().setAnnotations(NAME).build();
  private static final SecretSpec SECRET = SecretSpec.newBuilder().setAnnotations(NAME).build();
  private static final ConfigSpec CONFIG = ConfigSpec.newBuilder().setAnnotations(NAME).build();

  private static final List<Command> COMMANDS =
      List.of(
          new CreateService(SERVICE),
          new UpdateService("id", 7, SERVICE, false),
          new UpdateService("id", 7, SERVICE, true),
          new RemoveService("id"),
          new RemoveTask("id"),
          new CreateNetwork(NetworkSpec.newBuilder().setAnnotations(NAME).build()),
          new RemoveNetwork("id"),
          new AttachNetwork(
              "node", NetworkAttachmentConfig.newBuilder().setTarget("net").build(), "container"),
          new DetachNetwork("node", "task"),
          new CreateSecret(SECRET),
          new UpdateSecret("id", 7, SECRET),
          new RemoveSecret("id"),
          new CreateConfig(CONFIG),
          new UpdateConfig("id", 7, CONFIG),
          new RemoveConfig("id"),
          new UpdateNode("id", 7, NodeSpec.newBuilder().setAnnotations(NAME).build()),
          new RemoveNode("id", false),
          new RemoveNode("id", true));

  @Test
  void eachCommandArrivesAsItWasSent() {
    for (Command command : COMMANDS) {
      CommandCall<?, ?, ?> call = CommandCalls.of(command).orElseThrow();
      assertThat(there(call, command)).isEqualTo(command);
    }
    assertThat(COMMANDS.stream().map(Command::getClass).distinct())
        .hasSameSizeAs(CommandCalls.all());
  }

  private static <Q extends Message> Command there(CommandCall<?, Q, ?> call, Command command) {
    return call.command().apply(call.requestOf(command));
  }

  @Test
  void whatOnlyTheLeaderWritesIsNotSent() {
    assertThat(CommandCalls.of(new SetNodeRole("id", NodeRole.MANAGER))).isEmpty();
  }

  @Test
  void aResultComesBackWhole() {
    Message service = Service.newBuilder().setId("id").setSpec(SERVICE).build();
    assertThat(
            Results.result(
                Results.response(ControlGrpc.getCreateServiceMethod(), Optional.of(service))))
        .contains(service);
    Message empty = Config.getDefaultInstance();
    assertThat(
            Results.result(
                Results.response(ControlGrpc.getUpdateConfigMethod(), Optional.of(empty))))
        .contains(empty);
    assertThat(
            Results.result(
                Results.response(ControlGrpc.getRemoveServiceMethod(), Optional.empty())))
        .isEmpty();
    assertThat(Results.index(Results.trailers(42))).contains(42L);
  }
}
