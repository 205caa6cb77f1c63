package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.Agent;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.docker.http.Json;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Mount;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Task;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.containers.ExitStatus;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.ImageConfig;
import dev.hanse.runtime.images.Images;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Containers as the API shows them. */
final class ContainerJson {
  /** What Go prints for "no time", which clients know. */
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private final Images images;
  private final Agent agent;

  ContainerJson(Images images, Agent agent) {
    this.images = images;
    this.agent = agent;
  }

  /** {@code created}, {@code running}, {@code paused} or {@code exited}. */
  static String status(NodeContainer container) {
    return container.state().phase().name().toLowerCase(Locale.ROOT);
  }

  /** Whether the container's task is attached to the network of this name or id. */
  static boolean isAttached(NodeContainer container, String network) {
    return container.task().map(Task::getNetworksList).orElse(List.of()).stream()
        .anyMatch(
            attachment ->
                attachment.getNetwork().getId().startsWith(network)
                    || name(attachment).equals(network));
  }

  /** An entry of the list. */
  ObjectNode summary(NodeContainer container) throws IOException {
    ContainerState state = container.state();
    ObjectNode json = Json.object();
    json.put("Id", container.id());
    json.putArray("Names").add("/" + container.name());
    json.put("Image", container.image());
    json.put("ImageID", state.imageId());
    json.put("Command", String.join(" ", command(container)));
    json.put("Created", state.createdAt().getEpochSecond());
    json.set("Ports", ports(container));
    state.labels().forEach(json.putObject("Labels")::put);
    json.put("State", status(container));
    json.put("Status", statusText(state, Instant.now()));
    json.putObject("HostConfig").put("NetworkMode", networkMode(container));
    json.putObject("NetworkSettings").set("Networks", networks(container));
    json.set("Mounts", mounts(container));
    return json;
  }

  static String statusText(ContainerState state, Instant now) {
    return switch (state.phase()) {
      case CREATED -> "Created";
      case RUNNING -> "Up " + since(state.startedAt(), now);
      case PAUSED -> "Up " + since(state.startedAt(), now) + " (Paused)";
      case EXITED ->
          "Exited (%d) %s ago"
              .formatted(
                  state.exit().map(ExitStatus::code).orElse(0),
                  since(state.exit().map(ExitStatus::exitedAt), now));
    };
  }

  private static String since(Optional<Instant> start, Instant now) {
    return Durations.words(Duration.between(start.orElse(now), now));
  }

  private Optional<Image> image(NodeContainer container) {
    return images.find(container.state().imageId());
  }

  /** What runs, as the spec and the image say it together. */
  private List<String> command(NodeContainer container) {
    List<String> command = new ArrayList<>(entrypoint(container));
    command.addAll(arguments(container));
    return command;
  }

  private List<String> entrypoint(NodeContainer container) {
    List<String> own = container.spec().map(ContainerSpec::getCommandList).orElse(null);
    if (own != null && !own.isEmpty()) {
      return own;
    }
    return image(container).map(image -> image.config().entrypoint()).orElse(List.of());
  }

  private List<String> arguments(NodeContainer container) {
    Optional<ContainerSpec> spec = container.spec();
    boolean own =
        spec.isPresent() && (spec.get().getArgsCount() > 0 || spec.get().getCommandCount() > 0);
    if (own) {
      return spec.get().getArgsList();
    }
    return image(container).map(image -> image.config().command()).orElse(List.of());
  }

  private static ArrayNode ports(NodeContainer container) {
    ArrayNode ports = Json.array();
    for (PortConfig port : publishedHere(container)) {
      ports
          .addObject()
          .put("IP", "0.0.0.0")
          .put("PrivatePort", port.getTargetPort())
          .put("PublicPort", port.getPublishedPort())
          .put("Type", protocol(port));
    }
    return ports;
  }

  /** Ports published on this node alone; those of the mesh belong to the service. */
  private static List<PortConfig> publishedHere(NodeContainer container) {
    return container
        .task()
        .map(task -> task.getStatus().getPortStatus().getPortsList())
        .orElse(List.of())
        .stream()
        .filter(port -> port.getPublishMode() == PortConfig.PublishMode.HOST)
        .toList();
  }

  private static String protocol(PortConfig port) {
    return port.getProtocol().name().toLowerCase(Locale.ROOT);
  }

  private static String name(NetworkAttachment attachment) {
    return attachment.getNetwork().getSpec().getAnnotations().getName();
  }

  private static String networkMode(NodeContainer container) {
    return container.task().map(Task::getNetworksList).orElse(List.of()).stream()
        .map(ContainerJson::name)
        .findFirst()
        .orElse("default");
  }

  private static ObjectNode networks(NodeContainer container) {
    ObjectNode networks = Json.object();
    for (NetworkAttachment attachment :
        container.task().map(Task::getNetworksList).orElse(List.of())) {
      ObjectNode json = networks.putObject(name(attachment));
      ObjectNode ipam = json.putObject("IPAMConfig");
      json.putNull("Links");
      putTexts(json, "Aliases", attachment.getAliasesList());
      json.put("MacAddress", attachment.getMacAddress());
      json.put("NetworkID", attachment.getNetwork().getId());
      json.put("EndpointID", "");
      String address = attachment.getAddressesCount() > 0 ? attachment.getAddresses(0) : "";
      int slash = address.indexOf('/');
      String ip = slash < 0 ? address : address.substring(0, slash);
      ipam.put("IPv4Address", ip);
      json.put("IPAddress", ip);
      json.put("IPPrefixLen", slash < 0 ? 0 : Integer.parseInt(address.substring(slash + 1)));
      json.put(
          "Gateway",
          attachment.getNetwork().getIpam().getConfigsList().stream()
              .map(config -> config.getGateway())
              .findFirst()
              .orElse(""));
      json.put("IPv6Gateway", "").put("GlobalIPv6Address", "").put("GlobalIPv6PrefixLen", 0);
      json.putNull("DriverOpts");
    }
    return networks;
  }

  private ArrayNode mounts(NodeContainer container) throws IOException {
    ArrayNode mounts = Json.array();
    for (Mount mount : container.spec().map(ContainerSpec::getMountsList).orElse(List.of())) {
      ObjectNode json = mounts.addObject();
      json.put("Type", mount.getType().name().toLowerCase(Locale.ROOT));
      if (mount.getType() == Mount.Type.VOLUME && !mount.getSource().isEmpty()) {
        Optional<LocalVolume> volume = agent.volumes().find(mount.getSource());
        json.put("Name", mount.getSource());
        json.put("Source", volume.map(found -> found.mountpoint().toString()).orElse(""));
        json.put("Driver", LocalVolume.DRIVER);
      } else {
        json.put("Source", mount.getSource());
      }
      json.put("Destination", mount.getTarget());
      json.put("Mode", mount.getReadonly() ? "ro" : "");
      json.put("RW", !mount.getReadonly());
      json.put("Propagation", mount.getType() == Mount.Type.BIND ? "rprivate" : "");
    }
    return mounts;
  }

  /** The answer of inspect. */
  ObjectNode details(NodeContainer container) throws IOException {
    ContainerState state = container.state();
    List<String> command = command(container);
    ObjectNode json = Json.object();
    json.put("Id", container.id());
    json.put("Created", state.createdAt().toString());
    json.put("Path", command.isEmpty() ? "" : command.getFirst());
    putTexts(json, "Args", command.isEmpty() ? command : command.subList(1, command.size()));
    json.set("State", state(container));
    json.put("Image", state.imageId());
    json.put("ResolvConfPath", "").put("HostnamePath", "").put("HostsPath", "");
    json.put("LogPath", "");
    json.put("Name", "/" + container.name());
    json.put("RestartCount", 0);
    json.put("Driver", "overlayfs");
    json.put("Platform", "linux");
    json.put("MountLabel", "").put("ProcessLabel", "").put("AppArmorProfile", "");
    json.putNull("ExecIDs");
    json.set("HostConfig", HostConfigJson.of(container, networkMode(container)));
    json.putObject("GraphDriver").put("Name", "overlayfs").putNull("Data");
    json.set("Mounts", mounts(container));
    json.set("Config", config(container));
    ObjectNode network = json.putObject("NetworkSettings");
    ObjectNode ports = network.putObject("Ports");
    for (PortConfig port : publishedHere(container)) {
      ports
          .putArray(port.getTargetPort() + "/" + protocol(port))
          .addObject()
          .put("HostIp", "0.0.0.0")
          .put("HostPort", Integer.toString(port.getPublishedPort()));
    }
    network.set("Networks", networks(container));
    return json;
  }

  private static ObjectNode state(NodeContainer container) {
    ContainerState state = container.state();
    ObjectNode json = Json.object();
    json.put("Status", status(container));
    json.put("Running", container.isRunning());
    json.put("Paused", state.phase() == ContainerState.Phase.PAUSED);
    json.put("Restarting", false);
    json.put("OOMKilled", state.exit().map(ExitStatus::outOfMemory).orElse(false));
    json.put("Dead", false);
    json.put("Pid", container.isRunning() ? state.processId().orElse(0) : 0);
    json.put("ExitCode", state.exit().map(ExitStatus::code).orElse(0));
    json.put("Error", container.task().map(task -> task.getStatus().getErr()).orElse(""));
    json.put("StartedAt", state.startedAt().map(Instant::toString).orElse(NEVER));
    json.put("FinishedAt", state.exit().map(exit -> exit.exitedAt().toString()).orElse(NEVER));
    return json;
  }

  private ObjectNode config(NodeContainer container) {
    ContainerSpec spec = container.spec().orElse(ContainerSpec.getDefaultInstance());
    ImageConfig image = image(container).map(Image::config).orElse(ImageConfig.EMPTY);
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
    putTexts(json, "Cmd", arguments(container));
    json.put("Image", container.image());
    json.putNull("Volumes");
    json.put("WorkingDir", spec.getDir().isEmpty() ? image.workingDirectory() : spec.getDir());
    List<String> entrypoint = entrypoint(container);
    if (entrypoint.isEmpty()) {
      json.putNull("Entrypoint");
    } else {
      putTexts(json, "Entrypoint", entrypoint);
    }
    json.putNull("OnBuild");
    container.state().labels().forEach(json.putObject("Labels")::put);
    if (!spec.getStopSignal().isEmpty()) {
      json.put("StopSignal", spec.getStopSignal());
    }
    return json;
  }

  private static void putTexts(ObjectNode json, String key, Collection<String> texts) {
    texts.forEach(json.putArray(key)::add);
  }
}
