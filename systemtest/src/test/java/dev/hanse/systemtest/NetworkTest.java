package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.Lab;
import dev.hanse.systemtest.Services.Task;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Overlay networks: names, virtual addresses, the wire between the hosts. */
@OnSharedLab
class NetworkTest {
  private final Lab lab;
  private final DockerCommand docker;
  private final Services services;

  NetworkTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
    this.services = new Services(lab);
  }

  @Test
  void tasks_on_different_hosts_talk_by_name_and_virtual_address() throws Exception {
    docker.run("network", "create", "-d", "overlay", "--attachable", "sea");
    service("web", "sea", 3);
    List<Task> clients = service("client", "sea", 3);
    String virtual = virtualAddress("web");
    for (Task client : clients) {
      assertThat(in(client, "nslookup", "web")).contains(virtual);
      Set<String> seen = new HashSet<>();
      eventually(
          () -> {
            seen.add(
                in(client, "timeout", "2", "wget", "-q", "-O", "-", "http://web/")
                    .lines()
                    .findFirst()
                    .orElse(""));
            seen.remove("");
            assertThat(seen).as("from %s", client.host()).hasSize(3);
          });
      assertThat(
              in(client, "nslookup", "tasks.web")
                  .lines()
                  .filter(line -> line.startsWith("Address")))
          .hasSizeGreaterThanOrEqualTo(3);
      assertThat(in(client, "ping", "-c", "1", "-W", "2", "web")).contains("1 packets received");
    }
  }

  @Test
  void a_stack_that_is_deployed_right_after_it_was_removed_has_no_task_rejected() throws Exception {
    for (int round = 0; round < 6; round++) {
      String name = "again" + round;
      // Like "stack deploy" after "stack rm": under the same name and as soon as that is free.
      eventually(
          () ->
              assertThat(docker.attempt("network", "create", "-d", "overlay", "again").status())
                  .isZero());
      docker.create(
          "--name",
          name,
          "--network",
          "again",
          "--replicas",
          "4",
          "--restart-condition",
          "none",
          "--stop-grace-period",
          "1s",
          SharedLab.IMAGE,
          "sh",
          "-c",
          "trap '' TERM; while :; do sleep 1; done");
      assertThat(services.tasks(name)).as("round %d", round).hasSize(4).allMatch(Task::runs);
      docker.run("service", "rm", name);
      eventually(() -> assertThat(docker.attempt("network", "rm", "again").status()).isZero());
    }
  }

  @Test
  void a_service_in_dnsrr_mode_has_its_tasks_addresses_and_no_other() throws Exception {
    docker.run("network", "create", "-d", "overlay", "sea");
    docker.create(
        "--name",
        "web",
        "--replicas",
        "2",
        "--network",
        "sea",
        "--endpoint-mode",
        "dnsrr",
        SharedLab.IMAGE);
    Task client = service("client", "sea", 1).getFirst();
    eventually(
        () ->
            assertThat(
                    in(client, "nslookup", "web")
                        .lines()
                        .filter(line -> line.matches("Address.*10\\.0\\..*")))
                .hasSize(2));
    assertThat(
            docker.json("service", "inspect", "web").at("/0/Endpoint/VirtualIPs").isMissingNode())
        .isTrue();
  }

  @Test
  void names_of_other_networks_are_unknown_and_the_machine_beyond_is_reached() throws Exception {
    docker.run("network", "create", "-d", "overlay", "north");
    docker.run("network", "create", "-d", "overlay", "baltic");
    service("web", "north", 1);
    Task stranger = service("stranger", "baltic", 1).getFirst();
    assertThat(attemptIn(stranger, "nslookup", "web").status()).isNotZero();
    String address = taskAddress("web");
    assertThat(attemptIn(stranger, "ping", "-c", "1", "-W", "1", address).status()).isNotZero();
    assertThat(in(stranger, "ping", "-c", "1", "-W", "2", lab.machine()))
        .contains("1 packets received");
  }

  @Test
  void aliases_names_of_tasks_and_reverse_lookups_work() throws Exception {
    docker.run("network", "create", "-d", "overlay", "sea");
    docker.create("--name", "web", "--network", "name=sea,alias=shop", SharedLab.IMAGE);
    Task web = services.awaitRunning("web", 1).getFirst();
    Task client = service("client", "sea", 1).getFirst();
    assertThat(in(client, "nslookup", "shop")).contains(virtualAddress("web"));
    String address = taskAddress("web");
    String taskName = "web.1." + web.id();
    assertThat(in(client, "nslookup", taskName)).contains(address);
    assertThat(in(client, "nslookup", web.containerHostname())).contains(address);
    assertThat(in(client, "nslookup", address)).contains(taskName);
  }

  /** Software that tells peers its own address looks its own name up. */
  @Test
  void a_containers_own_name_stands_for_its_address_in_the_services_network() throws Exception {
    docker.run("network", "create", "-d", "overlay", "--subnet", "10.98.0.0/24", "sea");
    docker.create("--name", "web", "--network", "sea", "--publish", "8099:80", SharedLab.IMAGE);
    Task web = services.awaitRunning("web", 1).getFirst();
    assertThat(hosts(web).lines().filter(line -> line.endsWith("\t" + web.containerHostname())))
        .singleElement()
        .asString()
        .startsWith("10.98.0.");
    docker.create("--name", "published", "--publish", "8098:80", SharedLab.IMAGE);
    Task published = services.awaitRunning("published", 1).getFirst();
    assertThat(hosts(published).lines().filter(it -> it.contains(published.containerHostname())))
        .singleElement()
        .asString()
        .startsWith("10.0.0.");
  }

  @Test
  void host_gateway_is_where_a_container_reaches_its_host() throws Exception {
    docker.run("network", "create", "-d", "overlay", "sea");
    docker.create(
        "--name", "web", "--network", "sea", "--host", "gw:host-gateway", SharedLab.IMAGE);
    Task web = services.awaitRunning("web", 1).getFirst();
    assertThat(in(web, "ping", "-c", "1", "-W", "2", "gw")).contains("1 packets received");
    assertThat(hosts(web)).containsPattern("(?m)^[0-9.]+\tgw$").doesNotContain("host-gateway");
  }

  @Test
  void a_service_is_put_on_the_hosts_network_by_its_name() throws Exception {
    docker.create(
        "--name",
        "web",
        "--network",
        "host",
        "--host",
        "gw:host-gateway",
        SharedLab.IMAGE,
        "sleep",
        "1000");
    Task web = services.awaitRunning("web", 1).getFirst();
    assertThat(in(web, "ip", "-o", "addr")).contains(lab.host(web.host()).address());
    assertThat(hosts(web)).contains("127.0.0.1\tgw\n");
    assertThat(docker.run("network", "ls", "--filter", "name=host", "--format", "{{.Scope}}"))
        .isEqualTo("local");
  }

  private String hosts(Task task) throws Exception {
    return in(task, "cat", "/etc/hosts");
  }

  @Test
  void subnet_and_gateway_are_as_asked_and_the_network_is_listed() throws Exception {
    docker.run(
        "network",
        "create",
        "-d",
        "overlay",
        "--subnet",
        "10.99.0.0/24",
        "--gateway",
        "10.99.0.254",
        "sea");
    service("web", "sea", 1);
    JsonNode network = docker.json("network", "inspect", "sea").path(0);
    assertThat(network.at("/IPAM/Config/0/Subnet").asText()).isEqualTo("10.99.0.0/24");
    assertThat(network.at("/IPAM/Config/0/Gateway").asText()).isEqualTo("10.99.0.254");
    assertThat(network.path("Scope").asText()).isEqualTo("swarm");
    assertThat(virtualAddress("web")).startsWith("10.99.0.");
    assertThat(docker.run("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}").lines())
        .contains("sea overlay swarm", "ingress overlay swarm");
    assertThat(docker.refused("network", "rm", "sea")).contains("is in use by");
  }

  @Test
  void a_large_packet_passes_between_hosts() throws Exception {
    docker.run("network", "create", "-d", "overlay", "sea");
    List<Task> tasks = service("web", "sea", 3);
    Task client = tasks.getFirst();
    for (Task peer : tasks) {
      assertThat(
              in(
                  client,
                  "ping",
                  "-c",
                  "1",
                  "-W",
                  "2",
                  "-s",
                  "4000",
                  "web.%d.%s".formatted(peer.slot(), peer.id())))
          .contains("1 packets received");
    }
  }

  private List<Task> service(String name, String network, int replicas) throws Exception {
    docker.create(
        "--name",
        name,
        "--replicas",
        String.valueOf(replicas),
        "--network",
        network,
        SharedLab.IMAGE);
    return services.awaitRunning(name, replicas);
  }

  private String in(Task task, String... command) {
    DockerCommand.Result result = attemptIn(task, command);
    return result.out();
  }

  private DockerCommand.Result attemptIn(Task task, String... command) {
    String[] all = new String[command.length + 2];
    all[0] = "exec";
    all[1] = task.containerId();
    System.arraycopy(command, 0, all, 2, command.length);
    return new DockerCommand(lab, task.host()).attempt(all);
  }

  private String virtualAddress(String service) {
    return docker
        .json("service", "inspect", service)
        .at("/0/Endpoint/VirtualIPs/0/Addr")
        .asText()
        .split("/")[0];
  }

  private String taskAddress(String service) {
    String id = docker.run("service", "ps", "-q", "--filter", "desired-state=running", service);
    return docker
        .json("inspect", id)
        .at("/0/NetworksAttachments/0/Addresses/0")
        .asText()
        .split("/")[0];
  }
}
