package dev.hanse.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small texts that become large trees, and files that have grown. */
class BoundedJsonTest {
  @TempDir Path directory;

  private static byte[] repeated(String item, int count) {
    String text = "[" + (item + ",").repeat(count - 1) + item + "]";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Tag("attack")
  @Test
  void eight_megabytes_of_empty_objects_are_no_tree() {
    assertThatThrownBy(() -> BoundedJson.read(repeated("{}", 2_700_000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too many parts");
    assertThatThrownBy(() -> BoundedJson.read(repeated("0", 4_000_000)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void a_long_text_is_no_large_tree() throws IOException {
    byte[] text = repeated("\"" + "a".repeat(6 << 20) + "\"", 1);
    assertThat(BoundedJson.read(text).get(0).asText()).hasSize(6 << 20);
  }

  /** The estimate must not be below what the heap really takes. */
  @Test
  void trees_take_no_more_than_is_counted() throws IOException {
    for (String item : List.of("{}", "[]", "1.5", "{\"a\":{\"b\":[]}}", "{\"\":1}")) {
      byte[] text = repeated(item, 40_000);
      List<JsonNode> kept = new ArrayList<>();
      long before = used();
      for (int i = 0; i < 4; i++) {
        kept.add(BoundedJson.read(text));
      }
      long each = (used() - before) / kept.size();
      assertThat(kept).hasSize(4);
      assertThat(each).as(item).isLessThanOrEqualTo(BoundedJson.treeBytes(text));
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void a_file_is_read_up_to_its_limit() throws IOException {
    Path file = directory.resolve("state.json");
    Files.writeString(file, "{\"a\":1}");
    assertThat(BoundedJson.read(file, 7).path("a").asInt()).isEqualTo(1);
    assertThatThrownBy(() -> BoundedJson.read(file, 6))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than 6");
  }
}
