package dev.hanse.control.command;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.hanse.control.command.Batch.ExpectedVersion;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.ConfigCommand.RemoveConfig;
import dev.hanse.control.command.ConfigCommand.UpdateConfig;
import dev.hanse.control.command.NetworkCommand.AttachNetwork;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NetworkCommand.DetachNetwork;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.control.command.NodeCommand.RemoveNode;
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
import dev.hanse.model.AttachContainerRequest;
import dev.hanse.model.BatchRequest;
import dev.hanse.model.BatchResult;
import dev.hanse.model.Cluster;
import dev.hanse.model.Config;
import dev.hanse.model.CreateConfigRequest;
import dev.hanse.model.CreateNetworkRequest;
import dev.hanse.model.CreateResourceRequest;
import dev.hanse.model.CreateSecretRequest;
import dev.hanse.model.CreateServiceRequest;
import dev.hanse.model.DetachContainerRequest;
import dev.hanse.model.Network;
import dev.hanse.model.Node;
import dev.hanse.model.RemoveConfigRequest;
import dev.hanse.model.RemoveNetworkRequest;
import dev.hanse.model.RemoveNodeRequest;
import dev.hanse.model.RemoveResourceRequest;
import dev.hanse.model.RemoveSecretRequest;
import dev.hanse.model.RemoveServiceRequest;
import dev.hanse.model.RemoveTaskRequest;
import dev.hanse.model.Resource;
import dev.hanse.model.Secret;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.UpdateConfigRequest;
import dev.hanse.model.UpdateNodeRequest;
import dev.hanse.model.UpdateResourceRequest;
import dev.hanse.model.UpdateSecretRequest;
import dev.hanse.model.UpdateServiceRequest;
import dev.hanse.model.UpdateServiceRequest.Rollback;
import dev.hanse.model.Version;
import dev.hanse.store.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The commands that any manager takes, and the messages in which they reach the leader: one line
 * for each.
 */
public final class CommandMessages {
  private CommandMessages() {}

  /** A message that is no command. */
  public static final class MalformedCommandException extends Exception {
    private MalformedCommandException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * One command as a message, and back.
   *
   * @param type of the command
   * @param empty a message of the type in which it travels
   * @param message what the command is on its way
   * @param command what the leader decides
   */
  private record Form<C extends Command, M extends Message>(
      Class<C> type, M empty, Function<C, M> message, Function<M, C> command) {
    Any pack(Command asked) {
      return Any.pack(message.apply(type.cast(asked)));
    }

    @SuppressWarnings("unchecked") // The class of an M.
    Command unpack(Any packed) throws MalformedCommandException {
      return command.apply(CommandMessages.unpack(packed, (Class<M>) empty.getClass()));
    }
  }

  private static final List<Form<?, ?>> FORMS =
      List.of(
          new Form<>(
              CreateService.class,
              CreateServiceRequest.getDefaultInstance(),
              asked -> CreateServiceRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateService(call.getSpec())),
          new Form<>(
              UpdateService.class,
              UpdateServiceRequest.getDefaultInstance(),
              asked ->
                  UpdateServiceRequest.newBuilder()
                      .setServiceId(asked.id())
                      .setServiceVersion(version(asked.version()))
                      .setSpec(asked.spec())
                      .setRollback(asked.rollback() ? Rollback.PREVIOUS : Rollback.NONE)
                      .build(),
              call ->
                  new UpdateService(
                      call.getServiceId(),
                      call.getServiceVersion().getIndex(),
                      call.getSpec(),
                      call.getRollback() == Rollback.PREVIOUS)),
          new Form<>(
              RemoveService.class,
              RemoveServiceRequest.getDefaultInstance(),
              asked -> RemoveServiceRequest.newBuilder().setServiceId(asked.id()).build(),
              call -> new RemoveService(call.getServiceId())),
          new Form<>(
              RemoveTask.class,
              RemoveTaskRequest.getDefaultInstance(),
              asked -> RemoveTaskRequest.newBuilder().setTaskId(asked.id()).build(),
              call -> new RemoveTask(call.getTaskId())),
          new Form<>(
              CreateNetwork.class,
              CreateNetworkRequest.getDefaultInstance(),
              asked -> CreateNetworkRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateNetwork(call.getSpec())),
          new Form<>(
              RemoveNetwork.class,
              RemoveNetworkRequest.getDefaultInstance(),
              asked -> RemoveNetworkRequest.newBuilder().setNetworkId(asked.id()).build(),
              call -> new RemoveNetwork(call.getNetworkId())),
          new Form<>(
              CreateSecret.class,
              CreateSecretRequest.getDefaultInstance(),
              asked -> CreateSecretRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateSecret(call.getSpec())),
          new Form<>(
              UpdateSecret.class,
              UpdateSecretRequest.getDefaultInstance(),
              asked ->
                  UpdateSecretRequest.newBuilder()
                      .setSecretId(asked.id())
                      .setSecretVersion(version(asked.version()))
                      .setSpec(asked.spec())
                      .build(),
              call ->
                  new UpdateSecret(
                      call.getSecretId(), call.getSecretVersion().getIndex(), call.getSpec())),
          new Form<>(
              RemoveSecret.class,
              RemoveSecretRequest.getDefaultInstance(),
              asked -> RemoveSecretRequest.newBuilder().setSecretId(asked.id()).build(),
              call -> new RemoveSecret(call.getSecretId())),
          new Form<>(
              CreateConfig.class,
              CreateConfigRequest.getDefaultInstance(),
              asked -> CreateConfigRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateConfig(call.getSpec())),
          new Form<>(
              UpdateConfig.class,
              UpdateConfigRequest.getDefaultInstance(),
              asked ->
                  UpdateConfigRequest.newBuilder()
                      .setConfigId(asked.id())
                      .setConfigVersion(version(asked.version()))
                      .setSpec(asked.spec())
                      .build(),
              call ->
                  new UpdateConfig(
                      call.getConfigId(), call.getConfigVersion().getIndex(), call.getSpec())),
          new Form<>(
              RemoveConfig.class,
              RemoveConfigRequest.getDefaultInstance(),
              asked -> RemoveConfigRequest.newBuilder().setConfigId(asked.id()).build(),
              call -> new RemoveConfig(call.getConfigId())),
          new Form<>(
              UpdateNode.class,
              UpdateNodeRequest.getDefaultInstance(),
              asked ->
                  UpdateNodeRequest.newBuilder()
                      .setNodeId(asked.id())
                      .setNodeVersion(version(asked.version()))
                      .setSpec(asked.spec())
                      .build(),
              call ->
                  new UpdateNode(
                      call.getNodeId(), call.getNodeVersion().getIndex(), call.getSpec())),
          new Form<>(
              RemoveNode.class,
              RemoveNodeRequest.getDefaultInstance(),
              asked ->
                  RemoveNodeRequest.newBuilder()
                      .setNodeId(asked.id())
                      .setForce(asked.force())
                      .build(),
              call -> new RemoveNode(call.getNodeId(), call.getForce())),
          new Form<>(
              AttachNetwork.class,
              AttachContainerRequest.getDefaultInstance(),
              asked ->
                  AttachContainerRequest.newBuilder()
                      .setNodeId(asked.nodeId())
                      .setConfig(asked.config())
                      .setContainerId(asked.containerId())
                      .build(),
              call -> new AttachNetwork(call.getNodeId(), call.getConfig(), call.getContainerId())),
          new Form<>(
              DetachNetwork.class,
              DetachContainerRequest.getDefaultInstance(),
              asked ->
                  DetachContainerRequest.newBuilder()
                      .setNodeId(asked.nodeId())
                      .setAttachmentId(asked.attachmentId())
                      .build(),
              call -> new DetachNetwork(call.getNodeId(), call.getAttachmentId())),
          new Form<>(
              CreateResource.class,
              CreateResourceRequest.getDefaultInstance(),
              asked ->
                  CreateResourceRequest.newBuilder()
                      .setKind(asked.kind())
                      .setAnnotations(asked.annotations())
                      .setPayload(asked.payload())
                      .build(),
              call -> new CreateResource(call.getKind(), call.getAnnotations(), call.getPayload())),
          new Form<>(
              UpdateResource.class,
              UpdateResourceRequest.getDefaultInstance(),
              asked ->
                  UpdateResourceRequest.newBuilder()
                      .setResourceId(asked.id())
                      .setResourceVersion(version(asked.version()))
                      .setAnnotations(asked.annotations())
                      .setPayload(asked.payload())
                      .build(),
              call ->
                  new UpdateResource(
                      call.getResourceId(),
                      call.getResourceVersion().getIndex(),
                      call.getAnnotations(),
                      call.getPayload())),
          new Form<>(
              RemoveResource.class,
              RemoveResourceRequest.getDefaultInstance(),
              asked -> RemoveResourceRequest.newBuilder().setResourceId(asked.id()).build(),
              call -> new RemoveResource(call.getResourceId())));

  private static final List<Class<? extends Message>> RESULTS =
      List.of(
          Service.class,
          Task.class,
          Network.class,
          Secret.class,
          Config.class,
          Node.class,
          Cluster.class,
          Resource.class,
          BatchResult.class);

  /** The message of a command; empty for those that only the leader itself gives. */
  public static Optional<Any> message(Command command) {
    if (command instanceof Batch batch) {
      return message(batch);
    }
    return FORMS.stream()
        .filter(form -> form.type().isInstance(command))
        .findFirst()
        .map(form -> form.pack(command));
  }

  private static Optional<Any> message(Batch batch) {
    BatchRequest.Builder request = BatchRequest.newBuilder();
    for (Command command : batch.commands()) {
      Optional<Any> message = message(command);
      if (message.isEmpty()) {
        return Optional.empty();
      }
      request.addCommands(message.get());
    }
    for (ExpectedVersion expected : batch.expected()) {
      request
          .addExpectedBuilder()
          .setKind(expected.kind().toString())
          .setId(expected.id())
          .setVersion(expected.version());
    }
    return Optional.of(Any.pack(request.build()));
  }

  /**
   * The command in a message.
   *
   * @throws MalformedCommandException if it holds none; the text says why
   */
  public static Command command(Any message) throws MalformedCommandException {
    return message.is(BatchRequest.class)
        ? batch(unpack(message, BatchRequest.class))
        : single(message);
  }

  /**
   * What a message holds of a type that it is.
   *
   * @throws MalformedCommandException if its bytes are none
   */
  public static <M extends Message> M unpack(Any message, Class<M> type)
      throws MalformedCommandException {
    try {
      return message.unpack(type);
    } catch (InvalidProtocolBufferException malformed) {
      throw new MalformedCommandException("malformed: " + message.getTypeUrl());
    }
  }

  private static Command single(Any message) throws MalformedCommandException {
    for (Form<?, ?> form : FORMS) {
      if (message.is(form.empty().getClass())) {
        return form.unpack(message);
      }
    }
    throw new MalformedCommandException("no command: '" + message.getTypeUrl() + "'");
  }

  private static Batch batch(BatchRequest request) throws MalformedCommandException {
    if (request.getCommandsCount() > Batch.COMMANDS_MAX
        || request.getExpectedCount() > Batch.EXPECTED_MAX) {
      throw new MalformedCommandException("a batch of more commands than one may have");
    }
    List<Command> commands = new ArrayList<>();
    for (Any command : request.getCommandsList()) {
      commands.add(single(command));
    }
    List<ExpectedVersion> expected = new ArrayList<>();
    for (dev.hanse.model.ExpectedVersion wanted : request.getExpectedList()) {
      expected.add(
          new ExpectedVersion(kind(wanted.getKind()), wanted.getId(), wanted.getVersion()));
    }
    return new Batch(commands, expected);
  }

  private static Kind<?> kind(String word) throws MalformedCommandException {
    return Kind.ALL.stream()
        .filter(kind -> kind.toString().equals(word))
        .findFirst()
        .orElseThrow(() -> new MalformedCommandException("no kind of object: '" + word + "'"));
  }

  /** The message of a result. */
  public static Any result(Optional<Message> result) {
    return result.map(Any::pack).orElseGet(Any::getDefaultInstance);
  }

  /**
   * The result in a message; empty if it holds none.
   *
   * @throws MalformedCommandException if it holds something else
   */
  public static Optional<Message> result(Any message) throws MalformedCommandException {
    if (message.getTypeUrl().isEmpty()) {
      return Optional.empty();
    }
    for (Class<? extends Message> type : RESULTS) {
      if (message.is(type)) {
        return Optional.of(unpack(message, type));
      }
    }
    throw new MalformedCommandException("no result: '" + message.getTypeUrl() + "'");
  }

  private static Version version(long index) {
    return Version.newBuilder().setIndex(index).build();
  }
}
