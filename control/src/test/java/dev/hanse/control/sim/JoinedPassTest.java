package dev.hanse.control.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;
import dev.hanse.control.Passes;
import dev.hanse.control.Times;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.model.Annotations;
import dev.hanse.model.Resource;
import dev.hanse.model.ServiceSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A pass that joins the list is held to the property narrowed == full by the world itself, and one
 * that looks at more than it is told of does not get through.
 */
class JoinedPassTest {
  private static final String ORDER = "order-";
  private static final String RECEIPT = "receipt-";
  private static final String NODES = "nodes";

  /** Each order gets a receipt two seconds after it was made; it goes with the order. */
  private static class Receipts implements Pass {
    private static final Duration DELAY = Duration.ofSeconds(2);

    @Override
    public String name() {
      return "receipts";
    }

    @Override
    public void run(Look look) {
      Set<String> keys = new TreeSet<>(look.due());
      for (String id : look.scope().changed(Kind.RESOURCE)) {
        keys.add(id.substring(id.indexOf('-') + 1));
      }
      look.each("order", keys, key -> settle(look, key));
    }

    private void settle(Look look, String key) {
      Optional<Resource> order = look.transaction().find(Kind.RESOURCE, ORDER + key);
      if (order.isEmpty()) {
        look.transaction().delete(Kind.RESOURCE, RECEIPT + key);
        return;
      }
      Instant due = Times.instant(order.get().getMeta().getCreatedAt()).plus(DELAY);
      if (due.isAfter(look.now())) {
        look.deadlines().add(key, due);
        return;
      }
      Resource receipt = receipt(look.transaction(), key);
      Optional<Resource> present = look.transaction().find(Kind.RESOURCE, RECEIPT + key);
      if (!present.map(Resource::getAnnotations).equals(Optional.of(receipt.getAnnotations()))) {
        look.transaction().put(Kind.RESOURCE, receipt);
      }
    }

    Resource receipt(Transaction transaction, String key) {
      return resource(RECEIPT + key);
    }
  }

  /** It notes how many nodes there are, and does not look when one comes or goes. */
  private static final class Careless extends Receipts {
    @Override
    Resource receipt(Transaction transaction, String key) {
      Resource.Builder receipt = super.receipt(transaction, key).toBuilder();
      receipt
          .getAnnotationsBuilder()
          .putLabels(NODES, String.valueOf(transaction.snapshot().size(Kind.NODE)));
      return receipt.build();
    }
  }

  /** It keeps its deadlines to itself. */
  private static final class Sleepless extends Receipts {
    private final Set<String> seen = new TreeSet<>();

    @Override
    public void run(Look look) {
      look.scope().changed(Kind.RESOURCE).stream()
          .filter(id -> id.startsWith(ORDER) && seen.add(id))
          .forEach(id -> look.transaction().put(Kind.RESOURCE, resource(RECEIPT + id)));
    }
  }

  private static Resource resource(String id) {
    return Resource.newBuilder()
        .setId(id)
        .setKind("paper")
        .setAnnotations(Annotations.newBuilder().setName(id))
        .build();
  }

  private static World world(long seed, java.util.function.Supplier<Pass> joining) {
    World world =
        new World(
            seed,
            () -> Stream.concat(Passes.standard().stream(), Stream.of(joining.get())).toList());
    world.initialize();
    return world;
  }

  /** Orders come and go, nodes too, and now and then there is a service. */
  private static void live(World world, int steps) {
    Random random = world.random();
    List<String> orders = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          orders.add(ORDER + step);
          world.put(Kind.RESOURCE, resource(ORDER + step));
        }
        case 2 -> {
          if (!orders.isEmpty()) {
            world.delete(Kind.RESOURCE, orders.remove(random.nextInt(orders.size())));
          }
        }
        default -> {
          if (world.snapshot().size(Kind.NODE) < 6) {
            world.join();
          } else {
            world.accept(new CreateService(service("s" + step)));
          }
        }
      }
      world.run(Duration.ofMillis(random.nextInt(3_000)));
    }
    world.run(Duration.ofSeconds(5));
  }

  private static ServiceSpec service(String name) {
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName(name));
    spec.getReplicatedBuilder().setReplicas(1);
    spec.getTaskBuilder().getContainerBuilder().setImage("web:1");
    return spec.build();
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void a_pass_that_joins_works_beside_the_others(long seed) {
    World world = world(seed, Receipts::new);
    live(world, 60);
    Set<String> orders = new TreeSet<>();
    Set<String> receipts = new TreeSet<>();
    for (Resource resource : world.snapshot().all(Kind.RESOURCE)) {
      String id = resource.getId();
      (id.startsWith(ORDER) ? orders : receipts).add(id.substring(id.indexOf('-') + 1));
    }
    assertThat(orders).isNotEmpty();
    assertThat(receipts).isEqualTo(orders);
  }

  @Test
  void a_pass_that_looks_at_what_it_is_not_told_of_does_not_get_through() {
    World world = world(34, Careless::new);
    assertThatThrownBy(() -> live(world, 60))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the narrowed pass receipts");
  }

  @Test
  void a_pass_that_remembers_what_a_full_run_does_not_find_does_not_get_through() {
    World world = world(35, Sleepless::new);
    assertThatThrownBy(() -> live(world, 60))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the narrowed pass receipts");
  }
}
