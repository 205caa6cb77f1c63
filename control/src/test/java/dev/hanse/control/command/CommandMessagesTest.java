package dev.hanse.control.command;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.hanse.control.command.Batch.ExpectedVersion;
import dev.hanse.control.command.CommandMessages.MalformedCommandException;
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
import dev.hanse.control.command.ResourceCommand.CreateResource;
import dev.hanse.control.command.ResourceCommand.RemoveResource;
import dev.hanse.control.command.ResourceCommand.UpdateResource;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.SecretCommand.UpdateSecret;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.command.TaskCommand.RemoveTask;
import dev.hanse.model.Annotations;
import dev.hanse.model.BatchRequest;
import dev.hanse.model.BatchResult;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.SecretSpec;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.store.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Commands become messages and messages become the same commands. */
final class CommandMessagesTest {
  private static final Class<?>[] NONE = {};
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
          new RemoveNode("id", true),
          new CreateResource("kind", NAME, Any.pack(SERVICE)),
          new UpdateResource("id", 7, NAME, Any.pack(SERVICE)),
          new RemoveResource("id"));

  private static Command there(Command command) throws MalformedCommandException {
    return CommandMessages.command(CommandMessages.message(command).orElseThrow());
  }

  @Test
  void eachCommandArrivesAsItWasSent() throws MalformedCommandException {
    for (Command command : COMMANDS) {
      assertThat(there(command)).isEqualTo(command);
    }
    Batch batch =
        new Batch(
            COMMANDS,
            List.of(
                new ExpectedVersion(Kind.SERVICE, "a", 3),
                new ExpectedVersion(Kind.RESOURCE, "b", 0)));
    assertThat(there(batch)).isEqualTo(batch);
  }

  /** Of every command that is neither here nor sent somebody has thought whether it is to be. */
  @Test
  void whatOnlyTheLeaderWritesIsNotSent() {
    Set<String> sent =
        COMMANDS.stream().map(command -> command.getClass().getSimpleName()).collect(toSet());
    Set<String> all = new TreeSet<>();
    for (Class<?> family : Command.class.getPermittedSubclasses()) {
      for (Class<?> command : family.isInterface() ? family.getPermittedSubclasses() : NONE) {
        all.add(command.getSimpleName());
      }
    }
    all.removeAll(sent);
    assertThat(all)
        .containsExactlyInAnyOrder(
            "EnrollNode",
            "RenewCertificate",
            "IssueCertificate",
            "RotateCertificates",
            "RefuseCertificate",
            "SetNodeRole",
            "ReleaseManager",
            "RemainAlone",
            "UpdateNodeStatus",
            "ReportIllness",
            "UpdateManagerStatus",
            "InitializeCluster",
            "UpdateCluster",
            "FinishRootRotation",
            "UpdateTaskStatuses");
    Command own = new SetNodeRole("id", NodeRole.MANAGER);
    assertThat(CommandMessages.message(own)).isEmpty();
    assertThat(CommandMessages.message(new Batch(List.of(own), List.of()))).isEmpty();
  }

  @Test
  void whatIsNoCommandIsNotTakenForOne() {
    assertMalformed(Any.getDefaultInstance(), "no command: ''");
    assertMalformed(Any.pack(SERVICE), "no command: 'type.googleapis.com/docker.swarmkit.v1.");
    Any garbage =
        CommandMessages.message(COMMANDS.getFirst()).orElseThrow().toBuilder()
            .setValue(ByteString.copyFromUtf8("garbage"))
            .build();
    assertMalformed(garbage, "malformed: ");
    Any batch = Any.pack(BatchRequest.newBuilder().addCommands(garbage).build());
    assertMalformed(batch, "malformed: ");
    assertMalformed(Any.pack(BatchRequest.newBuilder().addCommands(batch).build()), "no command: ");
    BatchRequest.Builder unknown = BatchRequest.newBuilder();
    unknown.addExpectedBuilder().setKind("thing").setId("id");
    assertMalformed(Any.pack(unknown.build()), "no kind of object: 'thing'");
    BatchRequest.Builder many = BatchRequest.newBuilder();
    for (int i = 0; i <= Batch.COMMANDS_MAX; i++) {
      many.addCommands(CommandMessages.message(COMMANDS.getFirst()).orElseThrow());
    }
    assertMalformed(Any.pack(many.build()), "more commands than one may have");
  }

  private static void assertMalformed(Any message, String why) {
    assertThatThrownBy(() -> CommandMessages.command(message))
        .isInstanceOf(MalformedCommandException.class)
        .hasMessageContaining(why);
  }

  @Test
  void aResultComesBackWhole() throws MalformedCommandException {
    Message service = Service.newBuilder().setId("id").setSpec(SERVICE).build();
    for (Message result :
        List.of(service, Config.getDefaultInstance(), BatchResult.getDefaultInstance())) {
      assertThat(CommandMessages.result(CommandMessages.result(Optional.of(result))))
          .contains(result);
    }
    assertThat(CommandMessages.result(CommandMessages.result(Optional.empty()))).isEmpty();
    assertThatThrownBy(() -> CommandMessages.result(Any.pack(SERVICE)))
        .isInstanceOf(MalformedCommandException.class);
  }
}
