package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.UNSIGNED_32;
import static dev.hanse.docker.field.Notations.list;

import dev.hanse.docker.field.Display;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Notations;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.docker.field.Words;
import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.EndpointSpec.ResolutionMode;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.web.Json;

/** Published ports and virtual addresses. */
final class EndpointJson {
  /** A published port. */
  static final FieldTable<PortConfig, PortConfig.Builder> PORT =
      FieldTable.of(PortConfig::newBuilder, PortConfig.Builder::build)
          .line("Name", TEXT, PortConfig::getName, PortConfig.Builder::setName)
          .always(
              "Protocol",
              Words.of(Protocol.TCP, text -> "invalid protocol: \"" + text + "\""),
              PortConfig::getProtocol,
              PortConfig.Builder::setProtocol)
          .line(
              "TargetPort",
              UNSIGNED_32,
              PortConfig::getTargetPort,
              PortConfig.Builder::setTargetPort)
          .line(
              "PublishedPort",
              UNSIGNED_32,
              PortConfig::getPublishedPort,
              PortConfig.Builder::setPublishedPort)
          .always(
              "PublishMode",
              Words.of(PublishMode.INGRESS, text -> "invalid publish mode: \"" + text + "\""),
              PortConfig::getPublishMode,
              PortConfig.Builder::setPublishMode)
          .build();

  /** How a service is to be reached. */
  static final FieldTable<EndpointSpec, EndpointSpec.Builder> SPEC =
      FieldTable.of(EndpointSpec::newBuilder, EndpointSpec.Builder::build)
          .always(
              "Mode",
              Words.of(ResolutionMode.VIP, text -> "invalid resolution mode: \"" + text + "\""),
              EndpointSpec::getMode,
              EndpointSpec.Builder::setMode)
          .line("Ports", list(PORT), EndpointSpec::getPortsList, EndpointSpec.Builder::addAllPorts)
          .build();

  private static final ShownTable<Endpoint.VirtualIP> VIRTUAL =
      ShownTable.of(Endpoint.VirtualIP.class)
          .line("NetworkID", TEXT, Endpoint.VirtualIP::getNetworkId)
          .line("Addr", TEXT, Endpoint.VirtualIP::getAddr)
          .build();

  private static final Display<Endpoint> WANTED =
      Notations.shown(
          endpoint -> endpoint.hasSpec() ? SPEC.show(endpoint.getSpec()) : Json.object(),
          endpoint -> false);

  /** How a service is reached. */
  static final ShownTable<Endpoint> ENDPOINT =
      ShownTable.of(Endpoint.class)
          .always("Spec", WANTED, endpoint -> endpoint)
          .line("Ports", list(PORT.shown()), Endpoint::getPortsList)
          .line("VirtualIPs", list(VIRTUAL), Endpoint::getVirtualIpsList)
          .build();

  private EndpointJson() {}
}
