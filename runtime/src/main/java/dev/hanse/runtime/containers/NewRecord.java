package dev.hanse.runtime.containers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hanse.containerd.containers.Container;
import dev.hanse.containerd.runc.Options;
import dev.hanse.runtime.containerd.Labels;
import dev.hanse.runtime.containerd.SnapshotLayers;
import dev.hanse.runtime.images.ImageRootfs;
import dev.hanse.runtime.process.Signals;
import dev.hanse.runtime.spec.ContainerSettings;
import dev.hanse.runtime.spec.HostFacts;
import dev.hanse.runtime.spec.MountTree;
import dev.hanse.runtime.spec.MountTreeJson;
import dev.hanse.runtime.spec.RuntimeSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What containerd keeps of a container: its specification, and in labels what it knows no word for.
 */
final class NewRecord {
  private static final String RUNTIME = "io.containerd.runc.v2";
  private static final String SPEC_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
  private static final Any RUNTIME_OPTIONS =
      Any.newBuilder()
          .setTypeUrl("containerd.runc.v1.Options")
          .setValue(Options.getDefaultInstance().toByteString())
          .build();

  private NewRecord() {}

  /** The record of a container that does not exist yet. */
  static Container of(
      ContainerSettings settings, ImageRootfs image, HostFacts facts, List<MountTree> trees) {
    ObjectNode document = RuntimeSpec.of(settings, image, facts, trees);
    byte[] spec = document.toString().getBytes(StandardCharsets.UTF_8);
    Optional<String> signal = settings.stopSignal().or(image.config()::stopSignal);
    var record =
        Container.newBuilder()
            .setId(settings.id())
            .setImage(settings.imageId())
            .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
            .setSnapshotKey(settings.id())
            .setRuntime(Container.Runtime.newBuilder().setName(RUNTIME).setOptions(RUNTIME_OPTIONS))
            .setSpec(Any.newBuilder().setTypeUrl(SPEC_TYPE).setValue(ByteString.copyFrom(spec)))
            .putLabels(Labels.IMAGE, image.imageId())
            .putLabels(Labels.CGROUP, RuntimeSpec.cgroupPath(settings))
            .putLabels(
                Labels.STOP_SIGNAL,
                Integer.toString(signal.map(Signals::number).orElse(Signals.TERMINATE)));
    UserLabels.put(record, settings.labels());
    if (settings.terminal()) {
      record.putLabels(Labels.TERMINAL, "true");
    }
    if (Confinement.needsProfile(document.path("process"))) {
      record.putLabels(Labels.APPARMOR, "true");
    }
    if (settings.stdinOpen()) {
      record.putLabels(Labels.STDIN, "true");
    }
    if (!trees.isEmpty()) {
      record
          .putLabels(Labels.MOUNT_TREES, "true")
          .putExtensions(
              ContainerRecords.MOUNT_TREES,
              ContainerRecords.attachment(MountTreeJson.write(trees)));
    }
    settings
        .attachments()
        .forEach(
            (name, bytes) ->
                record.putExtensions(
                    ContainerRecords.ATTACHMENT + name, ContainerRecords.attachment(bytes)));
    return record.build();
  }
}
