package dev.hanse.network;

import static dev.hanse.network.Cluster.BACK;
import static dev.hanse.network.Cluster.INGRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.network.TaskNames.RecordType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TaskNamesTest {
  private static final String OTHER = "othernet000000000000000000";

  private final EndpointTable table =
      new Cluster()
          .ingress()
          .network(BACK, "back", 4097, false)
          .network(OTHER, "other", 4098, false)
          .service(INGRESS, "mesh-only", "10.0.0.99")
          .service(BACK, "web", "10.0.1.2")
          .service(BACK, "queue", "")
          .service(BACK, "gone", "")
          .endpoint(BACK, "web", 1, 1, "10.0.1.11", true)
          .endpoint(BACK, "web", 2, 2, "10.0.1.12", true)
          .endpoint(BACK, "web", 3, 2, "10.0.1.13", false)
          .endpoint(BACK, "queue", 1, 2, "10.0.1.21", true)
          .endpoint(BACK, "queue", 2, 2, "10.0.1.22", true)
          .service(OTHER, "secret", "10.0.2.2")
          .endpoint(OTHER, "secret", 1, 1, "10.0.2.11", true)
          .table();

  private final TaskNames names =
      TaskNames.of(
          table,
          (LocalTask.Networking.Own) Cluster.task(table, "web", 1, Optional.empty()).networking());

  @Test
  void aServiceIsItsVirtualAddressOrAllItsTasks() {
    assertThat(a("web")).isEqualTo(addresses("10.0.1.2"));
    assertThat(a("WEB.")).isEqualTo(addresses("10.0.1.2"));
    assertThat(a("web-alias")).isEqualTo(addresses("10.0.1.2"));
    assertThat(a("web.back")).isEqualTo(addresses("10.0.1.2"));
    assertThat(a("queue")).isEqualTo(addresses("10.0.1.21", "10.0.1.22"));
  }

  @Test
  void tasksAreTheReadyOnes() {
    assertThat(a("tasks.web")).isEqualTo(addresses("10.0.1.11", "10.0.1.12"));
    assertThat(a("tasks.web-alias")).isEqualTo(addresses("10.0.1.11", "10.0.1.12"));
    assertThat(a("only-3")).isEqualTo(new Answer.Elsewhere());
  }

  @Test
  void nodesThatDoNotAnswerAreNotNamed() {
    LocalTask.Networking.Own own =
        (LocalTask.Networking.Own) Cluster.task(table, "web", 1, Optional.empty()).networking();
    TaskNames without = TaskNames.of(table.avoiding(Set.of("node2")), own);
    assertThat(without.lookup("tasks.web", RecordType.A)).isEqualTo(addresses("10.0.1.11"));
    assertThat(without.lookup("web", RecordType.A)).isEqualTo(addresses("10.0.1.2"));
    // Its only tasks are there: better an address that may not answer than none.
    assertThat(without.lookup("queue", RecordType.A))
        .isEqualTo(addresses("10.0.1.21", "10.0.1.22"));
    assertThat(without.lookup("web.2.task-web-2", RecordType.A)).isEqualTo(addresses("10.0.1.12"));
  }

  @Test
  void aTaskHasItsOwnName() {
    assertThat(a("web.3.task-web-3")).isEqualTo(addresses("10.0.1.13"));
    assertThat(a("only-2")).isEqualTo(addresses("10.0.1.12", "10.0.1.22"));
  }

  @Test
  void anotherTypeOfAKnownNameIsNoData() {
    assertThat(names.lookup("web", RecordType.OTHER)).isEqualTo(new Answer.NoData());
  }

  @Test
  void aServiceWithoutTasksHasNoName() {
    assertThat(a("gone")).isEqualTo(new Answer.NoName());
  }

  @Test
  void addressesHaveNames() {
    assertThat(pointer("2.1.0.10.in-addr.arpa")).isEqualTo(new Answer.Pointer("web.back"));
    assertThat(pointer("12.1.0.10.in-addr.arpa."))
        .isEqualTo(new Answer.Pointer("web.2.task-web-2.back"));
    assertThat(pointer("1.1.1.1.in-addr.arpa")).isEqualTo(new Answer.Elsewhere());
    assertThat(pointer("junk.in-addr.arpa")).isEqualTo(new Answer.Elsewhere());
  }

  @Test
  void onlyTheTasksOwnNetworksAreSeen() {
    assertThat(a("secret")).isEqualTo(new Answer.Elsewhere());
    assertThat(a("secret.other")).isEqualTo(new Answer.Elsewhere());
    assertThat(a("mesh-only")).isEqualTo(new Answer.Elsewhere());
    assertThat(a("hanse.dev")).isEqualTo(new Answer.Elsewhere());
  }

  private Answer a(String name) {
    return names.lookup(name, RecordType.A);
  }

  private Answer pointer(String name) {
    return names.lookup(name, RecordType.PTR);
  }

  private static Answer addresses(String... addresses) {
    List<Ipv4Address> all = Stream.of(addresses).map(Ipv4Address::of).toList();
    return new Answer.Addresses(all);
  }
}
