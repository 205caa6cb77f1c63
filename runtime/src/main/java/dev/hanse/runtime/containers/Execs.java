package dev.hanse.runtime.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hanse.bounds.KeyedTurns;
import dev.hanse.containerd.containers.Container;
import dev.hanse.containerd.tasks.ExecProcessRequest;
import dev.hanse.containerd.tasks.StartRequest;
import dev.hanse.kernel.pipe.Pipes;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.confinement.AppArmor;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Labels;
import dev.hanse.runtime.images.ImageRootfs;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.process.ExecSettings;
import dev.hanse.runtime.process.LiveExec;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.process.StandardStreams;
import dev.hanse.runtime.spec.ExecSpec;
import dev.hanse.runtime.spec.HostFacts;
import dev.hanse.runtime.spec.ResolvedUser;
import dev.hanse.runtime.spec.RuntimeSpec;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Starts processes in running containers. */
final class Execs {
  static final String PROCESS_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Process";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ID_BYTES = 32;

  /**
   * Of each shim: it hears of the end of a runc through a queue of 32 for each one that it waits
   * for, and stands still for a second an end when one is full.
   */
  private static final int STARTS_AT_A_TIME = 8;

  private final KeyedTurns starts = new KeyedTurns(STARTS_AT_A_TIME);
  private final ContainerdClient client;
  private final Images images;
  private final Pipes pipes;
  private final HostFacts facts;
  private final AppArmor appArmor;
  private final SecureRandom random = new SecureRandom();

  Execs(ContainerdClient client, Images images, Pipes pipes, HostFacts facts, AppArmor appArmor) {
    this.client = client;
    this.images = images;
    this.pipes = pipes;
    this.facts = facts;
    this.appArmor = appArmor;
  }

  LiveExec start(
      LiveContainer container,
      Container record,
      Path directory,
      ExecSettings settings,
      OutputListener output) {
    if (settings.arguments().isEmpty()) {
      throw new RuntimeFault(RuntimeFault.Kind.INVALID, "No exec command specified");
    }
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    String execId = HexFormat.of().formatHex(id);
    ObjectNode spec = ContainerRecords.specification(record);
    Any process = process(record, spec, settings);
    StandardStreams streams =
        StandardStreams.create(
            pipes,
            directory,
            execId.substring(0, 16) + "-",
            settings.terminal(),
            settings.stdinOpen(),
            output);
    var exec = new LiveExec(client, container.id(), execId, streams);
    container.execs.put(execId, exec);
    try (KeyedTurns.Turn _ = starts.await(shim(container, spec))) {
      var request =
          ExecProcessRequest.newBuilder()
              .setContainerId(container.id())
              .setExecId(execId)
              .setTerminal(settings.terminal())
              .setStdout(streams.stdoutFile().toString())
              .setSpec(process);
      streams.stderrFile().ifPresent(file -> request.setStderr(file.toString()));
      streams.stdinFile().ifPresent(file -> request.setStdin(file.toString()));
      var unused = client.calls().tasks().exec(request.build());
      exec.started(
          client
              .calls()
              .tasks()
              .start(
                  StartRequest.newBuilder()
                      .setContainerId(container.id())
                      .setExecId(execId)
                      .build())
              .getPid());
      return exec;
    } catch (StatusRuntimeException failure) {
      container.execs.remove(execId);
      exec.discard();
      throw StartFaults.ofExec(failure);
    } catch (InterruptedException interrupted) {
      container.execs.remove(execId);
      exec.discard();
      Thread.currentThread().interrupt();
      throw new RuntimeFault(
          RuntimeFault.Kind.UNAVAILABLE, "the exec was broken off before it began", interrupted);
    }
  }

  private static String shim(LiveContainer container, ObjectNode spec) {
    return spec.path("annotations").path(RuntimeSpec.SHIM_GROUP).asText(container.id());
  }

  private Any process(Container record, ObjectNode spec, ExecSettings settings) {
    try {
      ImageRootfs image = images.rootfs(record.getLabelsOrDefault(Labels.IMAGE, ""));
      Optional<ResolvedUser> user =
          settings
              .user()
              .map(name -> ResolvedUser.of(name, image.passwd(), image.group(), List.of()));
      ObjectNode process =
          ExecSpec.of(
              (ObjectNode) spec.get("process"),
              new ExecSpec.Changes(
                  settings.arguments(),
                  settings.environment(),
                  user,
                  settings.workingDirectory(),
                  settings.terminal(),
                  settings.privileged(),
                  settings.consoleSize()),
              facts);
      if (Confinement.needsProfile(process)) {
        appArmor.ensureLoaded();
      }
      return Any.newBuilder()
          .setTypeUrl(PROCESS_TYPE)
          .setValue(ByteString.copyFrom(JSON.writeValueAsBytes(process)))
          .build();
    } catch (JsonProcessingException failure) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INTERNAL, "specification of container " + record.getId(), failure);
    }
  }
}
