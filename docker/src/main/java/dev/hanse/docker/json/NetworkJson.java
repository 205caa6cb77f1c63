package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.Annotations;
import dev.hanse.model.Driver;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.IPAMOptions;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkSpec;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.Map;

/** Swarm networks, in the two forms that Docker has. */
public final class NetworkJson {
  private NetworkJson() {}

  /** Whether it is the routing mesh's network, which long ago was known by a label. */
  public static boolean isIngress(Network network) {
    Annotations annotations = network.getSpec().getAnnotations();
    return network.getSpec().getIngress()
        || (annotations.getName().equals("ingress")
            && annotations.containsLabels("com.docker.swarm.internal"));
  }

  /** The form inside of a task. */
  static ObjectNode attached(Network network) {
    NetworkSpec spec = network.getSpec();
    ObjectNode object = Json.object();
    object.put("ID", network.getId());
    CommonJson.meta(object, network.getMeta());
    ObjectNode inner = object.putObject("Spec");
    CommonJson.annotations(inner, spec.getAnnotations());
    if (spec.hasDriverConfig()) {
      inner.set("DriverConfiguration", CommonJson.driver(spec.getDriverConfig()));
    }
    Out.flag(inner, "IPv6Enabled", spec.getIpv6Enabled());
    Out.flag(inner, "Internal", spec.getInternal());
    Out.flag(inner, "Attachable", spec.getAttachable());
    Out.flag(inner, "Ingress", isIngress(network));
    if (spec.hasIpam()) {
      inner.set("IPAMOptions", addresses(spec.getIpam()));
    }
    if (spec.hasNetwork()) {
      inner.putObject("ConfigFrom").put("Network", spec.getNetwork());
    }
    inner.put("Scope", "swarm");
    object.set(
        "DriverState",
        network.hasDriverState() ? CommonJson.driver(network.getDriverState()) : Json.object());
    if (network.hasIpam()) {
      object.set("IPAMOptions", addresses(network.getIpam()));
    }
    return object;
  }

  private static ObjectNode addresses(IPAMOptions options) {
    ObjectNode object = Json.object();
    object.set("Driver", CommonJson.driver(options.getDriver()));
    Out.objects(
        object,
        "Configs",
        options.getConfigsList(),
        config -> {
          ObjectNode range = Json.object();
          Out.text(range, "Subnet", config.getSubnet());
          Out.text(range, "Range", config.getRange());
          Out.text(range, "Gateway", config.getGateway());
          return range;
        });
    return object;
  }

  /** The driver in effect or, until the allocator has seen the network, the one asked for. */
  private static String driver(Network network) {
    String asked = network.getSpec().getDriverConfig().getName();
    return network.hasDriverState() ? network.getDriverState().getName() : asked;
  }

  /** The form of {@code GET /networks}. */
  public static ObjectNode network(Network network) {
    NetworkSpec spec = network.getSpec();
    ObjectNode object = Json.object();
    object.put("Name", spec.getAnnotations().getName());
    object.put("Id", network.getId());
    object.put("Created", Times.text(network.getMeta().getCreatedAt()));
    object.put("Scope", "swarm");
    object.put("Driver", driver(network));
    object.put("EnableIPv4", true);
    object.put("EnableIPv6", spec.getIpv6Enabled());
    object.set("IPAM", management(network));
    object.put("Internal", spec.getInternal());
    object.put("Attachable", spec.getAttachable());
    object.put("Ingress", isIngress(network));
    object.putObject("ConfigFrom").put("Network", spec.getNetwork());
    object.put("ConfigOnly", false);
    object.putObject("Containers");
    mapOrNull(object, "Options", network.getDriverState().getOptionsMap());
    mapOrNull(object, "Labels", spec.getAnnotations().getLabelsMap());
    return object;
  }

  private static ObjectNode management(Network network) {
    IPAMOptions options = network.getIpam();
    ObjectNode object = Json.object();
    object.put("Driver", options.getDriver().getName());
    mapOrNull(object, "Options", options.getDriver().getOptionsMap());
    if (!network.hasIpam()) {
      object.putNull("Config");
      return object;
    }
    ArrayNode configs = object.putArray("Config");
    for (IPAMConfig config : options.getConfigsList()) {
      ObjectNode range = configs.addObject();
      Out.text(range, "Subnet", config.getSubnet());
      Out.text(range, "IPRange", config.getRange());
      Out.text(range, "Gateway", config.getGateway());
      Out.map(range, "AuxiliaryAddresses", config.getReservedMap());
    }
    return object;
  }

  private static void mapOrNull(ObjectNode object, String name, Map<String, String> map) {
    if (map.isEmpty()) {
      object.putNull(name);
    } else {
      object.set(name, Out.map(map));
    }
  }

  /**
   * Reads {@code POST /networks/create} for a network of the swarm.
   *
   * @throws HttpFailure 400 for a form that the model cannot hold
   */
  public static NetworkSpec spec(Fields fields) {
    NetworkSpec.Builder spec =
        NetworkSpec.newBuilder()
            .setAnnotations(CommonJson.annotations(fields))
            .setDriverConfig(
                Driver.newBuilder()
                    .setName(fields.text("Driver"))
                    .putAllOptions(fields.map("Options")))
            .setInternal(fields.flag("Internal"))
            .setAttachable(fields.flag("Attachable"))
            .setIngress(fields.flag("Ingress"))
            .setIpv6Enabled(fields.flag("EnableIPv6"));
    fields.object("IPAM").map(NetworkJson::management).ifPresent(spec::setIpam);
    fields.object("ConfigFrom").ifPresent(from -> spec.setNetwork(from.text("Network")));
    return spec.build();
  }

  private static IPAMOptions management(Fields fields) {
    String driver = fields.text("Driver");
    IPAMOptions.Builder options =
        IPAMOptions.newBuilder()
            .setDriver(
                Driver.newBuilder()
                    .setName(driver.isEmpty() ? "default" : driver)
                    .putAllOptions(fields.map("Options")));
    for (Fields config : fields.objects("Config")) {
      options.addConfigs(
          IPAMConfig.newBuilder()
              .setSubnet(config.text("Subnet"))
              .setRange(config.text("IPRange"))
              .setGateway(config.text("Gateway"))
              .putAllReserved(config.map("AuxiliaryAddresses")));
    }
    return options.build();
  }
}
