package dev.hanse.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.spec.ContainerMount.Bind;
import dev.hanse.runtime.spec.ContainerMount.Propagation;
import dev.hanse.runtime.spec.ContainerMount.Submounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a bind asks runc to make what is mounted below it read-only too. */
class ReadOnlySubmountsTest {
  private static Bind bind(boolean readOnly, boolean recursive, Submounts submounts) {
    return new Bind(
        Path.of("/tmp"), "/target", readOnly, Propagation.RPRIVATE, recursive, submounts);
  }

  @Test
  void a_read_only_bind_is_so_all_the_way_down() {
    assertThat(ReadOnlySubmounts.wanted(bind(true, true, Submounts.READ_ONLY_IF_POSSIBLE)))
        .isTrue();
    assertThat(ReadOnlySubmounts.wanted(bind(true, true, Submounts.READ_ONLY_OR_REFUSED))).isTrue();
    assertThat(ReadOnlySubmounts.wanted(bind(true, true, Submounts.UNCHANGED))).isFalse();
    assertThat(ReadOnlySubmounts.wanted(bind(true, false, Submounts.READ_ONLY_IF_POSSIBLE)))
        .isFalse();
    assertThat(ReadOnlySubmounts.wanted(bind(false, true, Submounts.READ_ONLY_IF_POSSIBLE)))
        .isFalse();
    assertThat(ReadOnlySubmounts.wanted(Bind.of(Path.of("/etc/passwd"), "/target", true)))
        .isFalse();
  }

  @Test
  void who_insists_gets_no_container_where_it_cannot_be_done() {
    Bind insisting = bind(true, true, Submounts.READ_ONLY_OR_REFUSED);
    assertThatThrownBy(
            () -> ReadOnlySubmounts.orRefused(insisting, Optional.of("the kernel is too old")))
        .isInstanceOf(RuntimeFault.class)
        .hasMessage(
            "invalid mount config for type \"bind\": /target cannot be made recursively read-only:"
                + " the kernel is too old");
  }

  @Test
  void the_answer_of_runc_decides() throws IOException {
    assertThat(options("{\"mountOptions\":[\"ro\",\"rro\"]}")).isTrue();
    assertThat(options("{\"mountOptions\":[\"ro\",\"rrow\"]}")).isFalse();
    assertThat(options("{}")).isFalse();
    assertThat(options("")).isFalse();
    assertThatThrownBy(() -> options("No help topic for 'features'"))
        .isInstanceOf(IOException.class);
  }

  private static boolean options(String answer) throws IOException {
    return ReadOnlySubmounts.options(answer.getBytes(StandardCharsets.UTF_8));
  }
}
