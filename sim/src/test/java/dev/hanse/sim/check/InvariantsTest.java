package dev.hanse.sim.check;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.hanse.control.allocator.NetworkNumbers;
import dev.hanse.model.Annotations;
import dev.hanse.model.Endpoint;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import org.junit.jupiter.api.Test;

/** States that must never be. */
final class InvariantsTest {
  private Snapshot state = Snapshot.empty();

  private <T extends Message> void put(Kind<T> kind, T object) {
    Transaction transaction = new Transaction(state, Timestamp.getDefaultInstance());
    transaction.put(kind, object);
    state = transaction.snapshot();
  }

  private void assertSound() {
    assertThatCode(() -> Invariants.check(state, state)).doesNotThrowAnyException();
  }

  private void assertViolated(String what) {
    assertThatThrownBy(() -> Invariants.check(state, state))
        .isInstanceOf(Violation.class)
        .hasMessageContaining(what);
  }

  private static Network.Builder network(String id, String subnet, int number) {
    Network.Builder network = Network.newBuilder().setId(id);
    network.getSpecBuilder().setAnnotations(Annotations.newBuilder().setName(id));
    network
        .getIpamBuilder()
        .addConfigs(
            IPAMConfig.newBuilder().setSubnet(subnet).setGateway(subnet.replace("0/", "1/")));
    network.getDriverStateBuilder().putOptions(NetworkNumbers.OPTION, String.valueOf(number));
    return network;
  }

  private static Service.Builder service(String id) {
    Service.Builder service = Service.newBuilder().setId(id);
    service.getSpecBuilder().setAnnotations(Annotations.newBuilder().setName(id));
    return service;
  }

  private static Endpoint.Builder port(PublishMode mode, int number) {
    return Endpoint.newBuilder()
        .addPorts(
            PortConfig.newBuilder()
                .setPublishMode(mode)
                .setPublishedPort(number)
                .setTargetPort(80));
  }

  private static Task.Builder task(String id, String nodeId) {
    Task.Builder task = Task.newBuilder().setId(id).setNodeId(nodeId);
    task.getStatusBuilder().setState(TaskState.RUNNING);
    return task;
  }

  private static NetworkAttachment.Builder attachment(String address, String mac) {
    return NetworkAttachment.newBuilder()
        .setNetwork(Network.newBuilder().setId("net"))
        .setMacAddress(mac)
        .addAddresses(address);
  }

  @Test
  void an_ingress_port_belongs_to_one_service() {
    put(Kind.SERVICE, service("one").setEndpoint(port(PublishMode.INGRESS, 80)).build());
    put(Kind.SERVICE, service("two").setEndpoint(port(PublishMode.INGRESS, 81)).build());
    assertSound();
    put(Kind.SERVICE, service("two").setEndpoint(port(PublishMode.INGRESS, 80)).build());
    assertViolated("port 80/tcp given to");
  }

  @Test
  void an_ingress_port_is_no_other_services_host_port() {
    put(Kind.SERVICE, service("one").setEndpoint(port(PublishMode.HOST, 80)).build());
    put(Kind.SERVICE, service("two").setEndpoint(port(PublishMode.HOST, 80)).build());
    assertSound();
    put(Kind.SERVICE, service("two").setEndpoint(port(PublishMode.INGRESS, 80)).build());
    assertViolated("in ingress mode and to one in host mode");
  }

  @Test
  void a_host_port_belongs_to_one_live_task_of_a_node() {
    put(Kind.TASK, task("one", "n1").setEndpoint(port(PublishMode.HOST, 80)).build());
    put(Kind.TASK, task("two", "n2").setEndpoint(port(PublishMode.HOST, 80)).build());
    Task.Builder dead = task("three", "n1").setEndpoint(port(PublishMode.HOST, 80));
    dead.getStatusBuilder().setState(TaskState.FAILED);
    put(Kind.TASK, dead.build());
    assertSound();
    put(Kind.TASK, task("four", "n1").setEndpoint(port(PublishMode.HOST, 80)).build());
    assertViolated("port 80/tcp of node n1 given to");
  }

  @Test
  void a_secret_in_use_exists() {
    Service.Builder user = service("one");
    user.getSpecBuilder()
        .getTaskBuilder()
        .getContainerBuilder()
        .addSecrets(SecretReference.newBuilder().setSecretId("gone"));
    put(Kind.SERVICE, user.build());
    assertViolated("gone, which does not exist");
  }

  @Test
  void subnets_do_not_overlap() {
    put(Kind.NETWORK, network("one", "10.1.0.0/16", 1).build());
    put(Kind.NETWORK, network("two", "10.2.1.0/24", 2).build());
    assertSound();
    put(Kind.NETWORK, network("three", "10.1.7.0/24", 3).build());
    assertViolated("overlap");
  }

  @Test
  void a_network_number_is_given_once() {
    put(Kind.NETWORK, network("one", "10.1.0.0/24", 4096).build());
    put(Kind.NETWORK, network("two", "10.1.1.0/24", 4096).build());
    assertViolated("VNI 4096 twice");
  }

  @Test
  void an_address_belongs_to_one_live_object() {
    put(Kind.NETWORK, network("net", "10.1.0.0/24", 1).build());
    put(Kind.TASK, task("t1", "n1").addNetworks(attachment("10.1.0.5/24", "02::5")).build());
    Service.Builder service = service("s");
    service
        .getEndpointBuilder()
        .addVirtualIps(Endpoint.VirtualIP.newBuilder().setNetworkId("net").setAddr("10.1.0.2/24"));
    put(Kind.SERVICE, service.build());
    assertSound();
    put(Kind.TASK, task("t2", "n1").addNetworks(attachment("10.1.0.2/24", "02::6")).build());
    assertViolated("address 10.1.0.2/24 of network net given to");
  }
}
