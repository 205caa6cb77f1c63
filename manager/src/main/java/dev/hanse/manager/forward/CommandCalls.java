package dev.hanse.manager.forward;

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
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.SecretCommand.UpdateSecret;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.command.TaskCommand.RemoveTask;
import dev.hanse.model.AttachContainerRequest;
import dev.hanse.model.CommandsGrpc;
import dev.hanse.model.ControlGrpc;
import dev.hanse.model.CreateConfigRequest;
import dev.hanse.model.CreateNetworkRequest;
import dev.hanse.model.CreateSecretRequest;
import dev.hanse.model.CreateServiceRequest;
import dev.hanse.model.DetachContainerRequest;
import dev.hanse.model.RemoveConfigRequest;
import dev.hanse.model.RemoveNetworkRequest;
import dev.hanse.model.RemoveNodeRequest;
import dev.hanse.model.RemoveSecretRequest;
import dev.hanse.model.RemoveServiceRequest;
import dev.hanse.model.RemoveTaskRequest;
import dev.hanse.model.UpdateConfigRequest;
import dev.hanse.model.UpdateNodeRequest;
import dev.hanse.model.UpdateSecretRequest;
import dev.hanse.model.UpdateServiceRequest;
import dev.hanse.model.UpdateServiceRequest.Rollback;
import dev.hanse.model.Version;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The commands that any manager takes, and the calls by which they reach the leader. */
final class CommandCalls {
  private CommandCalls() {}

  /**
   * One command as a call, and back.
   *
   * @param type of the command
   * @param method of the call; its response holds the command's result as its only field, or is
   *     empty
   * @param request what the command is on its way
   * @param command what the leader decides
   */
  record CommandCall<C extends Command, Q extends Message, A extends Message>(
      Class<C> type,
      MethodDescriptor<Q, A> method,
      Function<C, Q> request,
      Function<Q, C> command) {

    /** The request of a command that is of this call's type. */
    Q requestOf(Command asked) {
      return request.apply(type.cast(asked));
    }
  }

  private static final List<CommandCall<?, ?, ?>> ALL =
      List.of(
          new CommandCall<>(
              CreateService.class,
              ControlGrpc.getCreateServiceMethod(),
              asked -> CreateServiceRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateService(call.getSpec())),
          new CommandCall<>(
              UpdateService.class,
              ControlGrpc.getUpdateServiceMethod(),
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
          new CommandCall<>(
              RemoveService.class,
              ControlGrpc.getRemoveServiceMethod(),
              asked -> RemoveServiceRequest.newBuilder().setServiceId(asked.id()).build(),
              call -> new RemoveService(call.getServiceId())),
          new CommandCall<>(
              RemoveTask.class,
              ControlGrpc.getRemoveTaskMethod(),
              asked -> RemoveTaskRequest.newBuilder().setTaskId(asked.id()).build(),
              call -> new RemoveTask(call.getTaskId())),
          new CommandCall<>(
              CreateNetwork.class,
              ControlGrpc.getCreateNetworkMethod(),
              asked -> CreateNetworkRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateNetwork(call.getSpec())),
          new CommandCall<>(
              RemoveNetwork.class,
              ControlGrpc.getRemoveNetworkMethod(),
              asked -> RemoveNetworkRequest.newBuilder().setNetworkId(asked.id()).build(),
              call -> new RemoveNetwork(call.getNetworkId())),
          new CommandCall<>(
              CreateSecret.class,
              ControlGrpc.getCreateSecretMethod(),
              asked -> CreateSecretRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateSecret(call.getSpec())),
          new CommandCall<>(
              UpdateSecret.class,
              ControlGrpc.getUpdateSecretMethod(),
              asked ->
                  UpdateSecretRequest.newBuilder()
                      .setSecretId(asked.id())
                      .setSecretVersion(version(asked.version()))
                      .setSpec(asked.spec())
                      .build(),
              call ->
                  new UpdateSecret(
                      call.getSecretId(), call.getSecretVersion().getIndex(), call.getSpec())),
          new CommandCall<>(
              RemoveSecret.class,
              ControlGrpc.getRemoveSecretMethod(),
              asked -> RemoveSecretRequest.newBuilder().setSecretId(asked.id()).build(),
              call -> new RemoveSecret(call.getSecretId())),
          new CommandCall<>(
              CreateConfig.class,
              ControlGrpc.getCreateConfigMethod(),
              asked -> CreateConfigRequest.newBuilder().setSpec(asked.spec()).build(),
              call -> new CreateConfig(call.getSpec())),
          new CommandCall<>(
              UpdateConfig.class,
              ControlGrpc.getUpdateConfigMethod(),
              asked ->
                  UpdateConfigRequest.newBuilder()
                      .setConfigId(asked.id())
                      .setConfigVersion(version(asked.version()))
                      .setSpec(asked.spec())
                      .build(),
              call ->
                  new UpdateConfig(
                      call.getConfigId(), call.getConfigVersion().getIndex(), call.getSpec())),
          new CommandCall<>(
              RemoveConfig.class,
              ControlGrpc.getRemoveConfigMethod(),
              asked -> RemoveConfigRequest.newBuilder().setConfigId(asked.id()).build(),
              call -> new RemoveConfig(call.getConfigId())),
          new CommandCall<>(
              UpdateNode.class,
              ControlGrpc.getUpdateNodeMethod(),
              asked ->
                  UpdateNodeRequest.newBuilder()
                      .setNodeId(asked.id())
                      .setNodeVersion(version(asked.version()))
                      .setSpec(asked.spec())
                      .build(),
              call ->
                  new UpdateNode(
                      call.getNodeId(), call.getNodeVersion().getIndex(), call.getSpec())),
          new CommandCall<>(
              RemoveNode.class,
              ControlGrpc.getRemoveNodeMethod(),
              asked ->
                  RemoveNodeRequest.newBuilder()
                      .setNodeId(asked.id())
                      .setForce(asked.force())
                      .build(),
              call -> new RemoveNode(call.getNodeId(), call.getForce())),
          new CommandCall<>(
              AttachNetwork.class,
              CommandsGrpc.getAttachContainerMethod(),
              asked ->
                  AttachContainerRequest.newBuilder()
                      .setNodeId(asked.nodeId())
                      .setConfig(asked.config())
                      .setContainerId(asked.containerId())
                      .build(),
              call -> new AttachNetwork(call.getNodeId(), call.getConfig(), call.getContainerId())),
          new CommandCall<>(
              DetachNetwork.class,
              CommandsGrpc.getDetachContainerMethod(),
              asked ->
                  DetachContainerRequest.newBuilder()
                      .setNodeId(asked.nodeId())
                      .setAttachmentId(asked.attachmentId())
                      .build(),
              call -> new DetachNetwork(call.getNodeId(), call.getAttachmentId())));

  /** All of them. */
  static List<CommandCall<?, ?, ?>> all() {
    return ALL;
  }

  /** The call of a command; empty for those that only the leader itself gives. */
  static Optional<CommandCall<?, ?, ?>> of(Command command) {
    return ALL.stream().filter(call -> call.type().isInstance(command)).findFirst();
  }

  private static Version version(long index) {
    return Version.newBuilder().setIndex(index).build();
  }
}
