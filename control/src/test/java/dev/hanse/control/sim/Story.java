package dev.hanse.control.sim;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.ReportIllness;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.model.Annotations;
import dev.hanse.model.ForeignSubnet;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A script: lines that start with "&gt; " are steps, the lines below a step are the trace that it
 * leaves, and "#" starts a remark.
 */
final class Story {
  private static final String STEP = "> ";

  private final World world = new World(7);
  private final Trace trace = new Trace(world);
  private final List<String> written = new ArrayList<>();

  private Story() {
    world.observe(trace);
  }

  /** Plays the steps of a script and writes it anew with what happened. */
  static String play(String script) {
    Story story = new Story();
    for (String line : script.lines().toList()) {
      if (line.startsWith(STEP)) {
        story.written.add(line);
        story.step(line.substring(STEP.length()).split(" "));
        story.written.addAll(story.trace.drain());
      } else if (line.startsWith("#") || line.isBlank()) {
        story.written.add(line);
      }
    }
    return String.join("\n", story.written) + "\n";
  }

  private void step(String[] words) {
    List<String> options = Arrays.asList(words).subList(Math.min(2, words.length), words.length);
    switch (words[0]) {
      case "nodes" -> nodes(Integer.parseInt(words[1]));
      case "run" -> world.run(Duration.parse("PT" + words[1].toUpperCase(Locale.ROOT)));
      case "create" -> submit(new CreateService(spec(words[1], options)));
      case "update" -> update(service(words[1]), options);
      case "rollback" -> rollback(service(words[1]));
      case "remove" -> submit(new RemoveService(service(words[1]).getId()));
      case "network" -> submit(new CreateNetwork(network(words[1], options)));
      case "network-remove" -> submit(new RemoveNetwork(network(words[1]).getId()));
      case "down" -> world.disconnect(node(words[1]).getId());
      case "up" -> world.reconnect(node(words[1]).getId());
      case "ill" -> submit(new ReportIllness(node(words[1]).getId(), String.join(" ", options)));
      case "well" -> submit(new ReportIllness(node(words[1]).getId(), ""));
      case "node-remove" -> submit(new RemoveNode(node(words[1]).getId(), false));
      case "reaches" -> reaches(node(words[1]), options);
      case "plugins" -> plugins(node(words[1]), options);
      case "label" -> label(node(words[1]), words[2]);
      case "drain" -> availability(words[1], NodeSpec.Availability.DRAIN);
      case "pause" -> availability(words[1], NodeSpec.Availability.PAUSE);
      case "activate" -> availability(words[1], NodeSpec.Availability.ACTIVE);
      case "crash" -> crash(words[1]);
      case "tasks" -> trace.tasks(service(words[1]));
      default -> throw new IllegalArgumentException("unknown step " + words[0]);
    }
    world.settle();
  }

  private void submit(Command command) {
    switch (world.submit(command)) {
      case Decision.Accepted accepted -> {}
      case Decision.Refused refused -> trace.line("refused: " + refused.rejection().message());
    }
  }

  private void nodes(int count) {
    world.initialize();
    for (int i = 1; i < count; i++) {
      world.join();
    }
    world.settle();
    trace.drain();
  }

  private static ServiceSpec spec(String name, List<String> options) {
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName(name));
    spec.getReplicatedBuilder().setReplicas(1);
    spec.getTaskBuilder().getContainerBuilder().setImage("web:1");
    options.forEach(option -> SpecOptions.apply(spec, option));
    return spec.build();
  }

  private void update(Service service, List<String> options) {
    ServiceSpec.Builder spec = service.getSpec().toBuilder();
    options.forEach(option -> SpecOptions.apply(spec, option));
    submit(
        new UpdateService(
            service.getId(), service.getMeta().getVersion().getIndex(), spec.build(), false));
  }

  private void rollback(Service service) {
    submit(
        new UpdateService(
            service.getId(), service.getMeta().getVersion().getIndex(), service.getSpec(), true));
  }

  private static NetworkSpec network(String name, List<String> options) {
    NetworkSpec.Builder spec =
        NetworkSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName(name));
    for (String option : options) {
      spec.getIpamBuilder().addConfigsBuilder().setSubnet(option.substring("subnet=".length()));
    }
    return spec.build();
  }

  private void availability(String name, NodeSpec.Availability availability) {
    Node node = node(name);
    respecify(node, node.getSpec().toBuilder().setAvailability(availability).build());
  }

  /** Subnets outside of the swarm, "via:" before those that it only has a route to. */
  private void reaches(Node node, List<String> subnets) {
    NodeDescription.Builder description = node.getDescription().toBuilder().clearForeignSubnets();
    for (String subnet : subnets) {
      boolean routed = subnet.startsWith("via:");
      description.addForeignSubnets(
          ForeignSubnet.newBuilder()
              .setSubnet(routed ? subnet.substring("via:".length()) : subnet)
              .setRouted(routed));
    }
    world.report(node.getId(), NodeStatus.State.READY, Optional.of(description.build()));
  }

  /** Each "Log:syslog" or the like. */
  private void plugins(Node node, List<String> plugins) {
    NodeDescription.Builder description = node.getDescription().toBuilder();
    description.getEngineBuilder().clearPlugins();
    for (String plugin : plugins) {
      int colon = plugin.indexOf(':');
      description
          .getEngineBuilder()
          .addPluginsBuilder()
          .setType(plugin.substring(0, colon))
          .setName(plugin.substring(colon + 1));
    }
    world.report(node.getId(), NodeStatus.State.READY, Optional.of(description.build()));
  }

  private void label(Node node, String label) {
    NodeSpec.Builder spec = node.getSpec().toBuilder();
    spec.getAnnotationsBuilder()
        .putLabels(label.substring(0, label.indexOf('=')), label.substring(label.indexOf('=') + 1));
    respecify(node, spec.build());
  }

  private void respecify(Node node, NodeSpec spec) {
    submit(new UpdateNode(node.getId(), node.getMeta().getVersion().getIndex(), spec));
  }

  private void crash(String name) {
    String id = trace.taskId(name);
    Task task = world.snapshot().find(Kind.TASK, id).orElseThrow();
    world.agent(task.getNodeId()).crash(id, world.now());
  }

  private Service service(String name) {
    return found(world.snapshot().findByName(Kind.SERVICE, name), name);
  }

  private Network network(String name) {
    return found(world.snapshot().findByName(Kind.NETWORK, name), name);
  }

  private Node node(String name) {
    return found(world.snapshot().findByName(Kind.NODE, name), name);
  }

  private static <T> T found(Optional<T> object, String name) {
    return object.orElseThrow(() -> new IllegalArgumentException("there is no " + name));
  }
}
