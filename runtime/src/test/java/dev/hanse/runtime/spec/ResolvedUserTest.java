package dev.hanse.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.RuntimeFault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ResolvedUserTest {
  private static final int FILE_BYTES_MAX = 4 << 20;
  private static final Optional<String> PASSWD =
      Optional.of("# users\nroot:x:0:0::/:/bin/sh\n\nshort\nme:x:7:8::/:/bin/sh\n");
  private static final Optional<String> GROUP =
      Optional.of("root:x:0:\nwheel:x:9:you,me\nagain:x:9:me\nlast:x:10:me");

  private static ResolvedUser of(String wanted, String... additional) {
    return ResolvedUser.of(wanted, PASSWD, GROUP, List.of(additional));
  }

  @Test
  void users_and_groups_are_found_by_name_and_number() {
    assertThat(of("")).isEqualTo(new ResolvedUser(0, 0, List.of(0L)));
    assertThat(of("me")).isEqualTo(new ResolvedUser(7, 8, List.of(8L, 9L, 10L)));
    assertThat(of("7")).isEqualTo(of("me"));
    assertThat(of("me:wheel", "last", "77"))
        .isEqualTo(new ResolvedUser(7, 9, List.of(9L, 10L, 77L)));
    assertThat(of("1234")).isEqualTo(new ResolvedUser(1234, 0, List.of(0L)));
    assertThatThrownBy(() -> of("nobody")).hasMessageContaining("no matching entries in passwd");
    assertThatThrownBy(() -> of("me:none")).hasMessageContaining("no matching entries in group");
  }

  /** In a process of its own, whose heap is as small as what one task may take. */
  @Test
  @Tag("attack")
  void files_of_millions_of_lines_take_little_memory() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LongFiles.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("user=7, group=8, groups=[8, 9]");
  }

  /** What the other process does. */
  static final class LongFiles {
    private LongFiles() {}

    public static void main(String[] arguments) {
      String end = "me:x:7:8::/:\n";
      String fill = "a\n".repeat((FILE_BYTES_MAX - end.length()) / 2);
      System.out.println(
          ResolvedUser.of(
              "me", Optional.of(fill + end), Optional.of(fill + "g:x:9:me"), List.of()));
    }
  }

  @Test
  @Tag("attack")
  void nobody_is_in_more_groups_than_the_kernel_knows() {
    assertThat(inGroups(ResolvedUser.GROUPS_MAX).groups()).hasSize(ResolvedUser.GROUPS_MAX);
    assertThatThrownBy(() -> inGroups(ResolvedUser.GROUPS_MAX + 1))
        .isInstanceOf(RuntimeFault.class)
        .hasMessageContaining("groups");
  }

  private static ResolvedUser inGroups(int count) {
    String group =
        IntStream.range(0, count)
            .mapToObj(number -> "g:x:" + number + ":root")
            .collect(Collectors.joining("\n"));
    return ResolvedUser.of("root", PASSWD, Optional.of(group), List.of());
  }
}
