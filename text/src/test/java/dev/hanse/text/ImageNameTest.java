package dev.hanse.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
  @Test
  void the_parts_of_a_name_are_told_apart() {
    assertThat(ImageName.parse("busybox"))
        .isEqualTo(
            new ImageName("docker.io", "library/busybox", Optional.empty(), Optional.empty()));
    assertThat(ImageName.parse("Reg:5000/a/b:T@sha256:" + "0".repeat(64)))
        .isEqualTo(
            new ImageName(
                "Reg:5000", "a/b", Optional.of("T"), Optional.of("sha256:" + "0".repeat(64))));
    assertThat(ImageName.parse("index.docker.io/x"))
        .isEqualTo(new ImageName("docker.io", "library/x", Optional.empty(), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a__b/c--d.e_f",
        "localhost/x",
        "[2001:db8::1]:80/x",
        "a.b-c.d/x",
        "x:0_.-",
        "x@sha256+b64u.x:0123456789abcdefABCDEF0123456789"
      })
  void what_the_grammar_allows_is_taken(String text) {
    assertThat(ImageName.parse(text)).isInstanceOf(ImageName.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/x",
        "x/",
        "a//b",
        "a___b",
        "a..b",
        "a._b",
        "-a",
        "a-",
        "A",
        "a/B",
        "x:",
        "x:.a",
        "x@",
        "x@sha256:00",
        "x@:0123456789abcdef0123456789abcdef",
        "a.-b/x",
        "a-.b/x",
        ".a/x",
        "a./x",
        "h:p/x",
        "[::1/x",
        "[]/x",
        "x y",
        "x\n",
        "\u00e9",
        "h:/x"
      })
  void what_it_does_not_allow_is_refused(String text) {
    assertThat(ImageName.parse(text)).isInstanceOf(ImageNameReading.Malformed.class);
  }

  @Test
  void limits_hold_at_the_limit_and_one_past_it() {
    String longest = "a".repeat(255);
    assertThat(ImageName.parse("h.x/" + longest)).isInstanceOf(ImageName.class);
    assertThat(ImageName.parse("h.x/" + longest + "a"))
        .isEqualTo(
            new ImageNameReading.Malformed("repository name must not be more than 255 characters"));
    assertThat(ImageName.parse("x:" + "t".repeat(128))).isInstanceOf(ImageName.class);
    assertThat(ImageName.parse("x:" + "t".repeat(129)))
        .isInstanceOf(ImageNameReading.Malformed.class);
    assertThat(ImageName.parse("h".repeat(1021) + ".x/a").toString()).contains("invalid reference");
    assertThat(ImageName.parse("H".repeat(1022) + "/a")).isInstanceOf(ImageName.class);
    assertThat(ImageName.parse("H".repeat(1023) + "/a"))
        .isInstanceOf(ImageNameReading.Malformed.class);
  }
}
