package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Duration;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.docker.json.MountJson;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.HealthConfig;
import dev.hanse.model.Mount;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.Confinement;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.ImageConfig;
import dev.hanse.runtime.images.Images;
import dev.hanse.web.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Containers as the API shows them. */
final class ContainerJson {
  private final Containers containers;
  private final Images images;
  private final Volumes volumes;
  private final ContainerHealth health;

  ContainerJson(Containers containers, Images images, Volumes volumes, ContainerHealth health) {
    this.containers = containers;
    this.images = images;
    this.volumes = volumes;
    this.health = health;
  }

  /** An entry of the list. */
  ObjectNode summary(NodeContainer container) throws IOException {
    ContainerState state = container.state();
    Optional<ImageConfig> image = image(container);
    ObjectNode json = Json.object();
    json.put("Id", container.id());
    json.putArray("Names").add("/" + container.name());
    json.put("Image", container.image());
    json.put("ImageID", state.imageId());
    json.put("Command", shown(command(container, image)));
    json.put("Created", state.createdAt().getEpochSecond());
    json.set("Ports", ContainerNetworks.ports(container, exposed(image)));
    state.labels().forEach(json.putObject("Labels")::put);
    json.put("State", ContainerStateJson.status(container));
    json.put("Status", ContainerStateJson.text(state, health.suffix(container), Instant.now()));
    json.putObject("HostConfig").put("NetworkMode", ContainerNetworks.mode(container));
    json.putObject("NetworkSettings").set("Networks", ContainerNetworks.networks(container));
    json.set("Mounts", mounts(container));
    return json;
  }

  /** The program and its arguments, of which those with blanks stand in quotes. */
  private static String shown(List<String> command) {
    return command.stream()
        .map(word -> word.contains(" ") ? "'" + word + "'" : word)
        .collect(Collectors.joining(" "));
  }

  private static Collection<String> exposed(Optional<ImageConfig> image) {
    return image.map(ImageConfig::exposedPorts).orElse(List.of());
  }

  private long imageBytes(NodeContainer container) {
    return images.find(container.state().imageId()).map(Image::sizeBytes).orElse(0L);
  }

  /** Bytes that the container has written, and those with its image's. */
  ObjectNode withSizes(ObjectNode json, NodeContainer container) {
    long written = containers.writtenBytes(container.id());
    json.put("SizeRw", written);
    json.put("SizeRootFs", written + imageBytes(container));
    return json;
  }

  /** What its image says; empty when the image was removed. Costs no call in the usual case. */
  private Optional<ImageConfig> image(NodeContainer container) {
    try {
      return Optional.of(images.rootfs(container.state().imageId()).config());
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.NO_SUCH_IMAGE) {
        return Optional.empty();
      }
      throw fault;
    }
  }

  /** What runs, as the spec and the image say it together. */
  private static List<String> command(NodeContainer container, Optional<ImageConfig> image) {
    List<String> command = new ArrayList<>(entrypoint(container, image));
    command.addAll(arguments(container, image));
    return command;
  }

  private static List<String> entrypoint(NodeContainer container, Optional<ImageConfig> image) {
    ContainerSpec spec = container.spec().orElse(ContainerSpec.getDefaultInstance());
    List<String> own = spec.getCommandList();
    return own.isEmpty() ? image.map(ImageConfig::entrypoint).orElse(List.of()) : own;
  }

  private static List<String> arguments(NodeContainer container, Optional<ImageConfig> image) {
    ContainerSpec spec = container.spec().orElse(ContainerSpec.getDefaultInstance());
    return spec.getArgsCount() > 0 || spec.getCommandCount() > 0
        ? spec.getArgsList()
        : image.map(ImageConfig::command).orElse(List.of());
  }

  private ArrayNode mounts(NodeContainer container) throws IOException {
    ArrayNode mounts = Json.array();
    for (Mount mount : container.spec().map(ContainerSpec::getMountsList).orElse(List.of())) {
      ObjectNode json = mounts.addObject();
      json.put("Type", mount.getType().name().toLowerCase(Locale.ROOT));
      if (mount.getType() == Mount.Type.VOLUME && !mount.getSource().isEmpty()) {
        Optional<LocalVolume> volume = volumes.find(mount.getSource());
        json.put("Name", mount.getSource());
        json.put("Source", volume.map(found -> found.mountpoint().toString()).orElse(""));
        json.put("Driver", LocalVolume.DRIVER);
      } else {
        json.put("Source", mount.getSource());
      }
      json.put("Destination", mount.getTarget());
      json.put("Mode", mount.getReadonly() ? "ro" : "");
      json.put("RW", !mount.getReadonly());
      json.put(
          "Propagation",
          mount.getType() == Mount.Type.BIND
              ? MountJson.PROPAGATION.show(mount.getBindOptions().getPropagation()).textValue()
              : "");
    }
    return mounts;
  }

  /** The answer of inspect. */
  ObjectNode details(NodeContainer container) throws IOException {
    ContainerState state = container.state();
    Optional<ImageConfig> image = image(container);
    List<String> command = command(container, image);
    ObjectNode json = Json.object();
    json.put("Id", container.id());
    json.put("Created", state.createdAt().toString());
    json.put("Path", command.isEmpty() ? "" : command.getFirst());
    putTexts(json, "Args", command.isEmpty() ? command : command.subList(1, command.size()));
    json.set("State", ContainerStateJson.details(container, health.details(container)));
    json.put("Image", state.imageId());
    json.put("ResolvConfPath", "").put("HostnamePath", "").put("HostsPath", "");
    json.put("LogPath", "");
    json.put("Name", "/" + container.name());
    json.put("RestartCount", 0);
    json.put("Driver", "overlayfs");
    json.put("Platform", "linux");
    Confinement confinement = containers.confinement(container.id());
    json.put("MountLabel", "").put("ProcessLabel", "");
    json.put("AppArmorProfile", confinement.appArmorProfile());
    json.putNull("ExecIDs");
    json.set(
        "HostConfig", HostConfigJson.of(container, ContainerNetworks.mode(container), confinement));
    json.putObject("GraphDriver").put("Name", "overlayfs").putNull("Data");
    json.set("Mounts", mounts(container));
    json.set("Config", config(container, image));
    ObjectNode network = json.putObject("NetworkSettings");
    network.set("Ports", ContainerNetworks.portMap(container, exposed(image)));
    network.set("Networks", ContainerNetworks.networks(container));
    return json;
  }

  private static ObjectNode config(NodeContainer container, Optional<ImageConfig> found) {
    ContainerSpec spec = container.spec().orElse(ContainerSpec.getDefaultInstance());
    ImageConfig image = found.orElse(ImageConfig.EMPTY);
    ObjectNode json = Json.object();
    json.put("Hostname", spec.getHostname().isEmpty() ? container.shortId() : spec.getHostname());
    json.put("Domainname", "");
    json.put("User", spec.getUser().isEmpty() ? image.user() : spec.getUser());
    json.put("AttachStdin", false).put("AttachStdout", false).put("AttachStderr", false);
    ObjectNode exposed = Json.object();
    image.exposedPorts().forEach(exposed::putObject);
    if (!exposed.isEmpty()) {
      json.set("ExposedPorts", exposed);
    }
    json.put("Tty", spec.getTty());
    json.put("OpenStdin", spec.getOpenStdin());
    json.put("StdinOnce", false);
    List<String> environment = new ArrayList<>(image.environment());
    environment.addAll(spec.getEnvList());
    putTexts(json, "Env", environment);
    putTexts(json, "Cmd", arguments(container, found));
    json.put("Image", container.image());
    json.putNull("Volumes");
    json.put("WorkingDir", spec.getDir().isEmpty() ? image.workingDirectory() : spec.getDir());
    List<String> entrypoint = entrypoint(container, found);
    if (entrypoint.isEmpty()) {
      json.putNull("Entrypoint");
    } else {
      putTexts(json, "Entrypoint", entrypoint);
    }
    json.putNull("OnBuild");
    container.state().labels().forEach(json.putObject("Labels")::put);
    healthcheck(spec, image).ifPresent(check -> json.set("Healthcheck", check));
    if (!spec.getStopSignal().isEmpty()) {
      json.put("StopSignal", spec.getStopSignal());
    }
    return json;
  }

  private static Optional<ObjectNode> healthcheck(ContainerSpec spec, ImageConfig image) {
    if (!spec.hasHealthcheck()) {
      return image.healthcheck().map(ImageJson::healthcheck);
    }
    HealthConfig check = spec.getHealthcheck();
    ObjectNode json = Json.object();
    putTexts(json, "Test", check.getTestList());
    json.put("Interval", nanoseconds(check.getInterval()));
    json.put("Timeout", nanoseconds(check.getTimeout()));
    json.put("StartPeriod", nanoseconds(check.getStartPeriod()));
    json.put("StartInterval", nanoseconds(check.getStartInterval()));
    json.put("Retries", check.getRetries());
    return Optional.of(json);
  }

  private static long nanoseconds(Duration duration) {
    return TimeUnit.SECONDS.toNanos(duration.getSeconds()) + duration.getNanos();
  }

  private static void putTexts(ObjectNode json, String key, Collection<String> texts) {
    texts.forEach(json.putArray(key)::add);
  }
}
