package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.task.ContainerPlace;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.docker.json.MountJson;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Mount;
import dev.hanse.runtime.containers.Confinement;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.web.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Containers as the API shows them. */
public final class ContainerJson {
  private final Containers containers;
  private final Images images;
  private final ContainerImages configs;
  private final Volumes volumes;
  private final ContainerHealth health;
  private final NetworkSettingsJson networkSettings;

  /** Shows them with their images, volumes, health and networks. */
  public ContainerJson(
      Containers containers,
      Images images,
      Volumes volumes,
      ContainerHealth health,
      LocalNetworks own) {
    this.containers = containers;
    this.images = images;
    this.configs = new ContainerImages(images);
    this.volumes = volumes;
    this.health = health;
    this.networkSettings = new NetworkSettingsJson(own);
  }

  /** An entry of the list. */
  public ObjectNode summary(NodeContainer container) throws IOException {
    ContainerState state = container.state();
    Inspected inspected = configs.inspected(container);
    ObjectNode json = Json.object();
    json.put("Id", container.id());
    json.putArray("Names").add("/" + container.name());
    json.put("Image", container.image());
    json.put("ImageID", state.imageId());
    json.put("Command", shown(inspected.command()));
    json.put("Created", state.createdAt().getEpochSecond());
    json.set("Ports", ContainerNetworks.ports(container, inspected.exposedPorts()));
    inspected.labels().forEach(json.putObject("Labels")::put);
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

  private long imageBytes(NodeContainer container) {
    return images.find(container.state().imageId()).map(Image::sizeBytes).orElse(0L);
  }

  /** Bytes that the container has written, and those with its image's. */
  public ObjectNode withSizes(ObjectNode json, NodeContainer container) {
    long written = containers.writtenBytes(container.id());
    json.put("SizeRw", written);
    json.put("SizeRootFs", written + imageBytes(container));
    return json;
  }

  private ArrayNode mounts(NodeContainer container) throws IOException {
    ArrayNode mounts = Json.array();
    for (Mount mount : container.spec().map(ContainerSpec::getMountsList).orElse(List.of())) {
      ObjectNode json = mounts.addObject();
      json.set("Type", MountJson.TYPE.show(mount.getType()));
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
  ObjectNode details(NodeContainer container, Optional<ContainerPlace> place) throws IOException {
    ContainerState state = container.state();
    Confinement confinement = containers.confinement(container.id());
    Inspected inspected = configs.inspected(container, place);
    List<String> command = inspected.command();
    ObjectNode json = Json.object();
    json.put("Id", container.id());
    json.put("Created", state.createdAt().toString());
    json.put("Path", command.isEmpty() ? "" : command.getFirst());
    putTexts(json, "Args", command.isEmpty() ? command : command.subList(1, command.size()));
    json.set("State", ContainerStateJson.details(container, health.details(container)));
    json.put("Image", state.imageId());
    json.put("ResolvConfPath", path(inspected, ContainerPlace::resolvConf));
    json.put("HostnamePath", path(inspected, ContainerPlace::hostnameFile));
    json.put("HostsPath", path(inspected, ContainerPlace::hosts));
    json.put("LogPath", path(inspected, ContainerPlace::log));
    json.put("Name", "/" + container.name());
    json.put("RestartCount", 0);
    json.put("Driver", "overlayfs");
    json.put("Platform", "linux");
    json.put("MountLabel", "").put("ProcessLabel", "");
    json.put("AppArmorProfile", confinement.appArmorProfile());
    json.putNull("ExecIDs");
    json.set("HostConfig", HostConfigJson.of(inspected, confinement));
    json.putObject("GraphDriver").put("Name", "overlayfs").putNull("Data");
    json.set("Mounts", mounts(container));
    json.set("Config", ContainerConfigJson.TABLE.show(inspected));
    json.set("NetworkSettings", networkSettings.of(inspected));
    return json;
  }

  private static String path(Inspected inspected, Function<ContainerPlace, Optional<Path>> get) {
    return inspected.place().flatMap(get).map(Path::toString).orElse("");
  }

  private static void putTexts(ObjectNode json, String key, Collection<String> texts) {
    texts.forEach(json.putArray(key)::add);
  }
}
