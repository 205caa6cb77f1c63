package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;

/** Published ports and virtual addresses. */
final class EndpointJson {
  private EndpointJson() {}

  static ObjectNode endpoint(Service service) {
    Endpoint endpoint = service.getEndpoint();
    ObjectNode object = Json.object();
    object.set("Spec", endpoint.hasSpec() ? spec(endpoint.getSpec()) : Json.object());
    Out.objects(object, "Ports", endpoint.getPortsList(), EndpointJson::port);
    Out.objects(
        object,
        "VirtualIPs",
        endpoint.getVirtualIpsList(),
        virtual -> {
          ObjectNode address = Json.object();
          Out.text(address, "NetworkID", virtual.getNetworkId());
          Out.text(address, "Addr", virtual.getAddr());
          return address;
        });
    return object;
  }

  static ObjectNode spec(EndpointSpec spec) {
    ObjectNode object = Json.object();
    object.put("Mode", lower(spec.getMode()));
    Out.objects(object, "Ports", spec.getPortsList(), EndpointJson::port);
    return object;
  }

  static ObjectNode port(PortConfig port) {
    ObjectNode object = Json.object();
    Out.text(object, "Name", port.getName());
    object.put("Protocol", lower(port.getProtocol()));
    Out.number(object, "TargetPort", port.getTargetPort());
    Out.number(object, "PublishedPort", port.getPublishedPort());
    object.put("PublishMode", lower(port.getPublishMode()));
    return object;
  }

  static EndpointSpec spec(Fields fields) {
    EndpointSpec.Builder spec = EndpointSpec.newBuilder();
    String mode = fields.text("Mode");
    spec.setMode(
        switch (mode) {
          case "", "vip" -> EndpointSpec.ResolutionMode.VIP;
          case "dnsrr" -> EndpointSpec.ResolutionMode.DNSRR;
          default -> throw HttpFailure.invalid("invalid resolution mode: \"" + mode + "\"");
        });
    fields.objects("Ports").forEach(port -> spec.addPorts(port(port)));
    return spec.build();
  }

  private static PortConfig port(Fields fields) {
    String protocol = fields.text("Protocol");
    String mode = fields.text("PublishMode");
    return PortConfig.newBuilder()
        .setName(fields.text("Name"))
        .setProtocol(
            switch (protocol) {
              case "", "tcp" -> PortConfig.Protocol.TCP;
              case "udp" -> PortConfig.Protocol.UDP;
              case "sctp" -> PortConfig.Protocol.SCTP;
              default -> throw HttpFailure.invalid("invalid protocol: \"" + protocol + "\"");
            })
        .setPublishMode(
            switch (mode) {
              case "", "ingress" -> PortConfig.PublishMode.INGRESS;
              case "host" -> PortConfig.PublishMode.HOST;
              default -> throw HttpFailure.invalid("invalid publish mode: \"" + mode + "\"");
            })
        .setTargetPort(fields.unsigned32("TargetPort"))
        .setPublishedPort(fields.unsigned32("PublishedPort"))
        .build();
  }
}
