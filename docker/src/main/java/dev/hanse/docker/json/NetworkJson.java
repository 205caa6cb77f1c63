package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TIME;
import static dev.hanse.docker.field.Notations.list;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.Notation;
import dev.hanse.docker.field.Notations;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.model.Annotations;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.IPAMOptions;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkSpec;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;

/** Swarm networks, in the two forms that Docker has. */
public final class NetworkJson {
  private static final String FAMILY = "the subnet says it";

  private static final ShownTable<IPAMConfig> ATTACHED_RANGE =
      ShownTable.of(IPAMConfig.class)
          .line("Subnet", TEXT, IPAMConfig::getSubnet)
          .line("Range", TEXT, IPAMConfig::getRange)
          .line("Gateway", TEXT, IPAMConfig::getGateway)
          .without("family", FAMILY)
          .without("reserved", "Docker shows them with the network alone")
          .build();

  private static final ShownTable<IPAMOptions> ATTACHED_ADDRESSES =
      ShownTable.of(IPAMOptions.class)
          .always("Driver", CommonJson.DRIVER, IPAMOptions::getDriver)
          .line("Configs", list(ATTACHED_RANGE), IPAMOptions::getConfigsList)
          .build();

  private static final ShownTable<NetworkSpec> ATTACHED_SPEC =
      ShownTable.of(NetworkSpec.class)
          .inline(CommonJson.ANNOTATIONS.shown(), NetworkSpec::getAnnotations)
          .optional(
              "DriverConfiguration",
              CommonJson.DRIVER,
              NetworkSpec::hasDriverConfig,
              NetworkSpec::getDriverConfig)
          .line("IPv6Enabled", FLAG, NetworkSpec::getIpv6Enabled)
          .line("Internal", FLAG, NetworkSpec::getInternal)
          .line("Attachable", FLAG, NetworkSpec::getAttachable)
          .line("Ingress", FLAG, NetworkJson::isIngress)
          .optional("IPAMOptions", ATTACHED_ADDRESSES, NetworkSpec::hasIpam, NetworkSpec::getIpam)
          .optional("ConfigFrom", networkName(), NetworkSpec::hasNetwork, NetworkSpec::getNetwork)
          .always("Scope", TEXT, spec -> "swarm")
          .build();

  /** The form inside of a task. */
  static final ShownTable<Network> ATTACHED =
      ShownTable.of(Network.class)
          .always("ID", TEXT, Network::getId)
          .inline(CommonJson.META, Network::getMeta)
          .always("Spec", ATTACHED_SPEC, Network::getSpec)
          .always("DriverState", CommonJson.DRIVER, Network::getDriverState)
          .optional("IPAMOptions", ATTACHED_ADDRESSES, Network::hasIpam, Network::getIpam)
          .without("pending_delete", "swarmkit's own: it is on its way out")
          .without("extra", "an allocator's own")
          .without("address_cursor", "ours, for the allocator")
          .build();

  private static final FieldTable<IPAMConfig, IPAMConfig.Builder> RANGE =
      FieldTable.of(IPAMConfig::newBuilder, IPAMConfig.Builder::build)
          .line("Subnet", TEXT, IPAMConfig::getSubnet, IPAMConfig.Builder::setSubnet)
          .line("IPRange", TEXT, IPAMConfig::getRange, IPAMConfig.Builder::setRange)
          .line("Gateway", TEXT, IPAMConfig::getGateway, IPAMConfig.Builder::setGateway)
          .line(
              "AuxiliaryAddresses",
              MAP,
              IPAMConfig::getReservedMap,
              IPAMConfig.Builder::putAllReserved)
          .without("family", FAMILY)
          .build();

  private static final FieldTable<IPAMOptions, IPAMOptions.Builder> ADDRESSES =
      FieldTable.of(IPAMOptions::newBuilder, IPAMOptions.Builder::build)
          .always(
              "Driver",
              TEXT.unlessEmpty().orElse("default"),
              options -> options.getDriver().getName(),
              (options, name) -> options.getDriverBuilder().setName(name))
          .emptyAsNull(
              "Options",
              MAP,
              options -> options.getDriver().getOptionsMap(),
              (options, map) -> options.getDriverBuilder().putAllOptions(map))
          .always(
              "Config",
              list(RANGE),
              IPAMOptions::getConfigsList,
              IPAMOptions.Builder::addAllConfigs)
          .build();

  /** What a client wants, in the form of {@code POST /networks/create}. */
  private static final FieldTable<NetworkSpec, NetworkSpec.Builder> SPEC =
      FieldTable.of(NetworkSpec::newBuilder, NetworkSpec.Builder::build)
          .inline(
              CommonJson.ANNOTATIONS,
              NetworkSpec::getAnnotations,
              NetworkSpec.Builder::getAnnotationsBuilder)
          .line(
              "Driver",
              TEXT.orElse(""),
              spec -> spec.getDriverConfig().getName(),
              (spec, name) -> spec.getDriverConfigBuilder().setName(name))
          .line(
              "Options",
              MAP,
              spec -> spec.getDriverConfig().getOptionsMap(),
              (spec, map) -> spec.getDriverConfigBuilder().putAllOptions(map))
          .line(
              "EnableIPv6", FLAG, NetworkSpec::getIpv6Enabled, NetworkSpec.Builder::setIpv6Enabled)
          .optional(
              "IPAM",
              ADDRESSES,
              NetworkSpec::hasIpam,
              NetworkSpec::getIpam,
              NetworkSpec.Builder::setIpam)
          .line("Internal", FLAG, NetworkSpec::getInternal, NetworkSpec.Builder::setInternal)
          .line("Attachable", FLAG, NetworkSpec::getAttachable, NetworkSpec.Builder::setAttachable)
          .line("Ingress", FLAG, NetworkSpec::getIngress, NetworkSpec.Builder::setIngress)
          .optional(
              "ConfigFrom",
              networkName(),
              NetworkSpec::hasNetwork,
              NetworkSpec::getNetwork,
              NetworkSpec.Builder::setNetwork)
          .build();

  /** The form of {@code GET /networks}. */
  private static final ShownTable<Network> TABLE =
      ShownTable.of(Network.class)
          .always("Name", TEXT, network -> network.getSpec().getAnnotations().getName())
          .always("Id", TEXT, Network::getId)
          .always("Created", TIME, network -> network.getMeta().getCreatedAt())
          .always("Scope", TEXT, network -> "swarm")
          .always("Driver", TEXT, NetworkJson::driver)
          .always("EnableIPv4", FLAG, network -> true)
          .always("EnableIPv6", FLAG, network -> network.getSpec().getIpv6Enabled())
          .other(NetworkJson::showAddresses)
          .always("Internal", FLAG, network -> network.getSpec().getInternal())
          .always("Attachable", FLAG, network -> network.getSpec().getAttachable())
          .always("Ingress", FLAG, network -> isIngress(network.getSpec()))
          .always("ConfigFrom", networkName(), network -> network.getSpec().getNetwork())
          .always("ConfigOnly", FLAG, network -> false)
          .other((network, object) -> object.putObject("Containers"))
          .emptyAsNull("Options", MAP, network -> network.getDriverState().getOptionsMap())
          .emptyAsNull("Labels", MAP, network -> network.getSpec().getAnnotations().getLabelsMap())
          .without("meta.version", "Docker does not show it in this form")
          .without("meta.updated_at", "Docker does not show it in this form")
          .without("spec.driver_config", "what is in effect is shown")
          .without("spec.ipam", "what is in effect is shown")
          .without("pending_delete", "swarmkit's own: it is on its way out")
          .without("extra", "an allocator's own")
          .without("address_cursor", "ours, for the allocator")
          .build();

  private NetworkJson() {}

  private static Notation<String> networkName() {
    return Notations.of(
        name -> Json.object().put("Network", name),
        name -> false,
        field -> field.fields().text("Network"));
  }

  /** Whether it is the routing mesh's network, which long ago was known by a label. */
  public static boolean isIngress(Network network) {
    return isIngress(network.getSpec());
  }

  private static boolean isIngress(NetworkSpec spec) {
    Annotations annotations = spec.getAnnotations();
    return spec.getIngress()
        || (annotations.getName().equals("ingress")
            && annotations.containsLabels("com.docker.swarm.internal"));
  }

  /** The driver in effect or, until the allocator has seen the network, the one asked for. */
  private static String driver(Network network) {
    String asked = network.getSpec().getDriverConfig().getName();
    return network.hasDriverState() ? network.getDriverState().getName() : asked;
  }

  private static void showAddresses(Network network, ObjectNode object) {
    ObjectNode addresses = ADDRESSES.show(network.getIpam());
    if (!network.hasIpam()) {
      addresses.putNull("Config");
    }
    object.set("IPAM", addresses);
  }

  /** The form of {@code GET /networks}. */
  public static ObjectNode network(Network network) {
    return TABLE.show(network);
  }

  /**
   * Reads {@code POST /networks/create} for a network of the swarm.
   *
   * @throws HttpFailure 400 for a form that the model cannot hold
   */
  public static NetworkSpec spec(Fields fields) {
    return SPEC.read(fields);
  }
}
