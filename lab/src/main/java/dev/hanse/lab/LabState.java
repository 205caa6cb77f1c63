package dev.hanse.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is written down about a lab, in {@code lab.json}: enough to use it from another process and
 * to remove it after a crash.
 *
 * @param name the lab's name
 * @param block the N of its addresses 10.N.0.0/24
 * @param complete false while it is being made: what a crash leaves then is only good for removal
 * @param maker the process that makes it or made it
 * @param engine which daemon its hosts run
 * @param daemonOptions further options of every daemon
 * @param hosts its hosts in order
 */
record LabState(
    String name,
    int block,
    boolean complete,
    ProcessIdentity maker,
    Engine engine,
    List<String> daemonOptions,
    List<HostState> hosts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  LabState {
    daemonOptions = List.copyOf(daemonOptions);
    hosts = List.copyOf(hosts);
  }

  /** The hosts' default gateway, on the switch. */
  String gateway() {
    return "10." + block + ".0.254";
  }

  /** The address of the machine itself on the switch. */
  String machine() {
    return "10." + block + ".0.253";
  }

  HostState host(String hostName) {
    return hosts.stream()
        .filter(host -> host.name().equals(hostName))
        .findFirst()
        .orElseThrow(
            () ->
                new LabException(
                    "lab " + name + " has no host " + hostName + ": it has " + hostNames()));
  }

  LabState with(HostState changed) {
    List<HostState> all =
        hosts.stream().map(h -> h.name().equals(changed.name()) ? changed : h).toList();
    return new LabState(name, block, complete, maker, engine, daemonOptions, all);
  }

  LabState completed() {
    return new LabState(name, block, true, maker, engine, daemonOptions, hosts);
  }

  private String hostNames() {
    return String.join(", ", hosts.stream().map(HostState::name).toList());
  }

  /** Writes the state, whole or not at all. */
  void write(Path file) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("name", name).put("block", block).put("complete", complete);
    json.put("engine", engine.name());
    daemonOptions.forEach(json.putArray("daemonOptions")::add);
    writeProcess(json.putObject("maker"), maker);
    for (HostState host : hosts) {
      ObjectNode node = json.withArray("hosts").addObject();
      node.put("name", host.name()).put("address", host.address()).put("manager", host.manager());
      node.put("namespace", host.namespace().toString());
      node.put("dataRoot", host.dataRoot().toString());
      node.put("execRoot", host.execRoot().toString());
      host.daemon().ifPresent(process -> writeProcess(node.putObject("daemon"), process));
    }
    OwnFiles.directoryOf(file, OwnFiles.PASSAGE);
    DurableFile.replace(file, json.toPrettyString() + "\n");
  }

  /** Reads a state; empty when the file is not there or is not whole. */
  static Optional<LabState> read(Path file) {
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      List<String> options = new ArrayList<>();
      json.path("daemonOptions").forEach(option -> options.add(option.asText()));
      List<HostState> hosts = new ArrayList<>();
      for (JsonNode node : json.path("hosts")) {
        hosts.add(
            new HostState(
                node.path("name").asText(),
                node.path("address").asText(),
                node.path("manager").asBoolean(),
                Path.of(node.path("namespace").asText()),
                Path.of(node.path("dataRoot").asText()),
                Path.of(node.path("execRoot").asText()),
                node.has("daemon")
                    ? Optional.of(readProcess(node.path("daemon")))
                    : Optional.empty()));
      }
      return Optional.of(
          new LabState(
              json.path("name").asText(),
              json.path("block").asInt(),
              json.path("complete").asBoolean(),
              readProcess(json.path("maker")),
              Engine.valueOf(json.path("engine").asText()),
              options,
              hosts));
    } catch (IOException | IllegalArgumentException notThere) {
      return Optional.empty();
    }
  }

  private static void writeProcess(ObjectNode node, ProcessIdentity process) {
    node.put("pid", process.pid()).put("startTicks", process.startTicks());
  }

  private static ProcessIdentity readProcess(JsonNode node) {
    return new ProcessIdentity(node.path("pid").asLong(), node.path("startTicks").asLong());
  }
}
