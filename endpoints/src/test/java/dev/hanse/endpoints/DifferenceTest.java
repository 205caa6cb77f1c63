package dev.hanse.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.NetworkRow;
import dev.hanse.model.PeerRow;
import dev.hanse.model.ServiceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A difference leads from any table to any other, also by the wire, and is taken whole or not. */
class DifferenceTest {
  private static final int SEEDS = 100;

  static LongStream seeds() {
    return new Random().longs(SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aDifferenceLeadsFromOneTableToTheOther(long seed) throws Exception {
    RandomTables tables = new RandomTables(new SplittableRandom(seed));
    EndpointTable one = tables.table();
    for (EndpointTable other : List.of(tables.changed(one), tables.table(), one)) {
      leads(one, other);
      leads(other, one);
    }
  }

  private static void leads(EndpointTable from, EndpointTable to)
      throws InvalidProtocolBufferException {
    List<Change> changes = to.since(from);
    assertThat(from.apply(changes)).isEqualTo(new Attempt.Done<>(to));
    assertThat(changes.isEmpty()).isEqualTo(from.equals(to));

    AppliedTable before = new AppliedTable(3, from);
    EndpointsMessage message =
        new EndpointEncoder().message(EndpointsMessage.Type.INCREMENTAL, 4, changes);
    EndpointsMessage arrived = EndpointsMessage.parseFrom(message.toByteArray());
    AppliedTable after = new AppliedTable(4, to);
    assertThat(before.apply(arrived)).isEqualTo(new Attempt.Done<>(after));
    assertThat(AppliedTable.none().apply(after.toMessage())).isEqualTo(new Attempt.Done<>(after));
    assertThat(before.apply(after.toMessage())).isEqualTo(new Attempt.Done<>(after));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatWasMadeForAnotherTableChangesNothing(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomTables tables = new RandomTables(random);
    EndpointTable table = tables.table();
    List<Change> changes = new ArrayList<>(tables.changed(table).since(table));
    Change misfit =
        random.nextBoolean()
            ? new Change.Remove("network0", new Entry.Key(Entry.Kind.ENDPOINT, "nobody"))
            : new Change.Put("nowhere", new PeerEntry("n", new Ipv4Address(1), Optional.empty()));
    changes.add(random.nextInt(changes.size() + 1), misfit);
    EndpointTable copy = EndpointTable.of(table.networks());
    assertThat(table.apply(changes)).isInstanceOf(Attempt.Refused.class);
    assertThat(table).isEqualTo(copy);
  }

  /** Each is the last of changes of which the others are good. */
  static Stream<EndpointsChange> malformed() {
    return Stream.of(
        EndpointsChange.getDefaultInstance(),
        EndpointsChange.newBuilder().setActionValue(7).setPeer(peer()).build(),
        remove().build(),
        remove().setEndpoint(EndpointRow.newBuilder().setNetworkId("n").setTaskId("t2")).build(),
        remove().setPeer(PeerRow.newBuilder().setNetworkId("n").setNodeId("")).build(),
        remove().setService(ServiceRow.newBuilder().setNetworkId("x").setServiceId("s")).build(),
        remove().setNetwork(network("x", 1)).build(),
        put().setNetwork(network("", 1)).build(),
        put().setNetwork(network("m", 0)).build(),
        put().setNetwork(network("m", 1 << 24)).build(),
        put().setPeer(peer().setNetworkId("x")).build(),
        put().setPeer(peer().setNodeId("")).build(),
        put().setPeer(peer().setDataPathAddr("fe80::1")).build(),
        put().setPeer(peer().setOrdinal(1)).build(),
        put().setPeer(peer().setAddress("10.0.0.2/24").setMacAddress("02:00:00:00:00:01")).build(),
        put().setPeer(own().setOrdinal(65_536)).build(),
        put().setPeer(own().setOrdinal(-1)).build(),
        put().setService(service().setServiceId("")).build(),
        put().setService(service().setVirtualIp("10.0.0.0/24")).build(),
        put().setEndpoint(endpoint().setTaskId("")).build(),
        put().setEndpoint(endpoint().setAddress("10.0.1.5; drop")).build(),
        put().setEndpoint(endpoint().setAddress("")).build(),
        put().setEndpoint(endpoint().setMacAddress("01:00:5e:00:00:01")).build());
  }

  @Tag("attack")
  @ParameterizedTest
  @MethodSource("malformed")
  void whatMakesNoSenseIsRefusedWithAllThatCameWithIt(EndpointsChange bad) {
    AppliedTable known = done(AppliedTable.none().apply(complete(good())));
    for (EndpointsMessage.Type type :
        List.of(EndpointsMessage.Type.COMPLETE, EndpointsMessage.Type.INCREMENTAL)) {
      EndpointsMessage message =
          complete(good()).toBuilder().setType(type).setIndex(9).addChanges(bad).build();
      AppliedTable before = known;
      assertThat(known.apply(message)).isInstanceOf(Attempt.Refused.class);
      assertThat(known).isEqualTo(before);
    }
  }

  @Test
  void theFirstAndTheLastGoodNumbersAreTaken() {
    for (int vni : List.of(1, (1 << 24) - 1)) {
      done(
          AppliedTable.none()
              .apply(complete(List.of(put().setNetwork(network("n", vni)).build()))));
    }
    for (int ordinal : List.of(1, 65_535)) {
      List<EndpointsChange> changes = new ArrayList<>(good());
      changes.add(put().setPeer(own().setOrdinal(ordinal)).build());
      AppliedTable applied = done(AppliedTable.none().apply(complete(changes)));
      assertThat(applied.table().network("n").orElseThrow().peers().find("a").orElseThrow().own())
          .map(PeerEntry.Own::ordinal)
          .contains(ordinal);
    }
  }

  @Test
  void messagesAreTakenInTheOrderOfTheirIndexes() {
    AppliedTable known = done(AppliedTable.none().apply(complete(good())));
    EndpointsMessage next =
        EndpointsMessage.newBuilder()
            .setType(EndpointsMessage.Type.INCREMENTAL)
            .setIndex(6)
            .build();
    assertThat(done(known.apply(next)).index()).isEqualTo(6);
    assertThat(known.apply(next.toBuilder().setIndex(5).build()))
        .isInstanceOf(Attempt.Refused.class);
    assertThat(known.apply(next.toBuilder().setTypeValue(9).build()))
        .isInstanceOf(Attempt.Refused.class);
    assertThat(done(known.apply(complete(List.of()).toBuilder().setIndex(1).build())).index())
        .as("a complete message begins anew")
        .isEqualTo(1);
  }

  @Test
  void aNetworkTakesItsEntriesAlong() {
    AppliedTable known = done(AppliedTable.none().apply(complete(good())));
    List<Change> changes = EndpointTable.empty().since(known.table());
    assertThat(changes)
        .containsExactly(new Change.Remove("n", new Entry.Key(Entry.Kind.NETWORK, "n")));
  }

  private static AppliedTable done(Attempt<AppliedTable> attempt) {
    assertThat(attempt).isInstanceOf(Attempt.Done.class);
    return ((Attempt.Done<AppliedTable>) attempt).value();
  }

  private static List<EndpointsChange> good() {
    return List.of(
        put().setNetwork(network("n", 7)).build(),
        put().setPeer(peer()).build(),
        put().setService(service()).build(),
        put().setEndpoint(endpoint()).build());
  }

  private static EndpointsMessage complete(List<EndpointsChange> changes) {
    return EndpointsMessage.newBuilder()
        .setType(EndpointsMessage.Type.COMPLETE)
        .setIndex(5)
        .addAllChanges(changes)
        .build();
  }

  private static EndpointsChange.Builder put() {
    return EndpointsChange.newBuilder();
  }

  private static EndpointsChange.Builder remove() {
    return EndpointsChange.newBuilder().setAction(EndpointsChange.Action.REMOVE);
  }

  private static NetworkRow.Builder network(String id, int vni) {
    NetworkRow.Builder row = NetworkRow.newBuilder().setVni(vni);
    row.getNetworkBuilder().setId(id);
    return row;
  }

  private static PeerRow.Builder peer() {
    return PeerRow.newBuilder().setNetworkId("n").setNodeId("a").setDataPathAddr("192.0.2.1");
  }

  private static PeerRow.Builder own() {
    return peer().setAddress("10.0.0.2/24").setMacAddress("02:00:00:00:00:01");
  }

  private static ServiceRow.Builder service() {
    return ServiceRow.newBuilder().setNetworkId("n").setServiceId("s").setVirtualIp("10.0.0.3");
  }

  private static EndpointRow.Builder endpoint() {
    return EndpointRow.newBuilder()
        .setNetworkId("n")
        .setTaskId("t")
        .setNodeId("a")
        .setAddress("10.0.0.4/24")
        .setMacAddress("02:00:00:00:00:04");
  }
}
