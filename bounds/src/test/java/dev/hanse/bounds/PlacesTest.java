package dev.hanse.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlacesTest {
  private static Optional<String> take(Places<String> places, Object source, String name) {
    return places.take(source, name);
  }

  @Test
  void there_is_room_up_to_the_limit_and_one_past_it_somebody_goes() {
    Places<String> places = new Places<>(2, 2);
    assertThat(take(places, "a", "a1")).isEmpty();
    assertThat(take(places, "b", "b1")).isEmpty();
    assertThat(take(places, "c", "c1")).contains("a1");
    assertThat(places.taken()).isEqualTo(2);
    assertThat(places.free("a1")).isFalse();
    assertThat(places.free("b1")).isTrue();
    assertThat(take(places, "d", "d1")).isEmpty();
  }

  @Test
  void the_source_with_the_most_pays_with_the_oldest_of_its_more_numerous_kind() {
    Places<String> places = new Places<>(4, 4);
    take(places, "honest", "h");
    take(places, "many", "m1");
    take(places, "many", "m2");
    take(places, "many", "m3");
    places.spoke("m1");
    places.spoke("m3");
    assertThat(take(places, "many", "m4")).contains("m1");
    assertThat(take(places, "many", "m5")).contains("m2");
    places.spoke("m5");
    assertThat(take(places, "other", "o")).contains("m3");
  }

  @Test
  void one_source_has_a_share_of_its_own() {
    Places<String> places = new Places<>(10, 2);
    take(places, "a", "a1");
    take(places, "a", "a2");
    take(places, "b", "b1");
    assertThat(take(places, "a", "a3")).contains("a1");
    assertThat(places.taken()).isEqualTo(3);
  }

  @Test
  void an_ipv6_host_is_one_source_whatever_address_it_takes() {
    assertThat(Places.source(InetAddress.ofLiteral("fd00:1:2:3::1")))
        .isEqualTo(Places.source(InetAddress.ofLiteral("fd00:1:2:3:ffff::2")))
        .isNotEqualTo(Places.source(InetAddress.ofLiteral("fd00:1:2:4::1")));
    assertThat(Places.source(InetAddress.ofLiteral("10.0.0.1")))
        .isNotEqualTo(Places.source(InetAddress.ofLiteral("10.0.0.2")));
  }
}
