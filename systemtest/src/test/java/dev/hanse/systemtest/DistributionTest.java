package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import dev.hanse.lab.Distribution;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What lies in the distribution, and that it needs nothing of the machine to start. */
@Tag("system")
class DistributionTest {
  private static final Path HOME = Distribution.launcher().resolve("../..").normalize();

  /** What the launcher says of the Java that it runs, with these variables and no other. */
  private static String javaHome(Map<String, String> variables) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(Distribution.launcher().toString(), "--version")
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("HANSE_JAVA_OPTS", "-XshowSettings:properties");
    builder.environment().putAll(variables);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("hanse ");
    return output
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("java.home = "))
        .map(line -> line.substring("java.home = ".length()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void it_runs_on_its_own_java_unless_another_is_named() throws Exception {
    Path own = HOME.resolve("runtime").toRealPath();
    Path jdk = Path.of(System.getProperty("java.home")).toRealPath();
    assertThat(jdk).isNotEqualTo(own);
    assertThat(javaHome(Map.of())).isEqualTo(own.toString());
    assertThat(javaHome(Map.of("JAVA_HOME", jdk.toString()))).isEqualTo(own.toString());
    assertThat(javaHome(Map.of("HANSE_JAVA_HOME", jdk.toString()))).isEqualTo(jdk.toString());
  }

  /** The largest heap that a daemon would get, MiB, after that was done in its shell. */
  private static long heap(String before) throws Exception {
    Process process =
        new ProcessBuilder(
                "sh",
                "-euc",
                before + " . " + HOME.resolve("share/jvm.sh") + "; jvm_flags_daemon; echo $flags")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    var heap = Pattern.compile("-Xmx(\\d+)m").matcher(output);
    assertThat(heap.find()).as(output).isTrue();
    return Long.parseLong(heap.group(1));
  }

  @Test
  void its_heap_is_a_quarter_of_the_machine_or_what_it_is_told() throws Exception {
    String total = Files.readAllLines(Path.of("/proc/meminfo")).getFirst();
    long quarter = Long.parseLong(total.replaceAll("\\D", "")) / 4096;
    assertThat(heap("")).isBetween(256L, Math.clamp(quarter, 256L, 4096L));
    assertThat(heap("HANSE_HEAP=777m;")).isEqualTo(777);
  }

  @Test
  void its_heap_is_a_quarter_of_what_its_control_group_may_have() throws Exception {
    Path root = Path.of("/sys/fs/cgroup");
    boolean separate = Files.isDirectory(root.resolve("memory"));
    Path outer = root.resolve(separate ? "memory" : "").resolve("hanse-heap-test");
    Path inner = outer.resolve("daemon");
    Files.createDirectories(inner);
    try {
      // The limit of a group holds for the groups in it.
      String limit = separate ? "memory.limit_in_bytes" : "memory.max";
      String enter = "echo $$ >" + inner.resolve("cgroup.procs") + ";";
      Files.writeString(outer.resolve(limit), Long.toString(2L << 30));
      assertThat(heap(enter)).isEqualTo(512);
      Files.writeString(outer.resolve(limit), Long.toString(512L << 20));
      assertThat(heap(enter)).isEqualTo(256);
    } finally {
      Files.delete(inner);
      Files.delete(outer);
    }
  }

  @Test
  void its_java_has_the_modules_that_our_classes_use() throws Exception {
    String release = Files.readString(HOME.resolve("runtime/release"));
    var modules = Pattern.compile("MODULES=\"(.*)\"").matcher(release);
    assertThat(modules.find()).isTrue();
    Map<String, String> moduleOf = new HashMap<>();
    ModuleLayer.boot()
        .modules()
        .forEach(
            module -> module.getPackages().forEach(name -> moduleOf.put(name, module.getName())));
    Map<String, String> users = new TreeMap<>();
    for (JavaClass used : ProductClasses.ALL) {
      used.getDirectDependenciesFromSelf()
          .forEach(
              dependency ->
                  Optional.ofNullable(moduleOf.get(dependency.getTargetClass().getPackageName()))
                      .ifPresent(module -> users.put(module, used.getName())));
    }
    assertThat(users).containsKeys("java.base", "java.net.http");
    assertThat(Set.of(modules.group(1).split(" "))).containsAll(users.keySet());
  }

  @Test
  void the_bill_of_materials_names_every_jar() throws Exception {
    JsonNode bill = new ObjectMapper().readTree(HOME.resolve("share/hanse.cdx.json").toFile());
    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    Set<String> named = new TreeSet<>();
    List<String> withoutLicence = new ArrayList<>();
    for (JsonNode component : bill.path("components")) {
      String classifier =
          component.path("purl").asText().replaceFirst(".*classifier=([^&]*).*", "-$1");
      String suffix = classifier.startsWith("-") ? classifier : "";
      named.add(
          component.path("name").asText() + "-" + component.path("version").asText() + suffix);
      if (component.path("licenses").isEmpty()) {
        withoutLicence.add(component.path("purl").asText());
      }
    }
    Set<String> contained =
        Files.readAllLines(HOME.resolve("lib/contents")).stream()
            .map(line -> line.replaceFirst("^\\S+ +", "").replaceFirst("\\.jar$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(contained).hasSizeGreaterThan(40);
    assertThat(named).containsAll(contained);
    assertThat(withoutLicence).isEmpty();
  }

  @Test
  void the_units_name_the_launcher_and_let_containers_live() throws Exception {
    String unit = Files.readString(HOME.resolve("share/systemd/hanse.service"));
    assertThat(unit)
        .contains("Type=notify", "KillMode=process", "Delegate=yes")
        .contains("ExecStart=@HOME@/bin/hanse daemon");
    String shutdown = Files.readString(HOME.resolve("share/systemd/hanse-shutdown.service"));
    assertThat(shutdown)
        .contains("@HOME@/bin/hanse node shutdown")
        .containsPattern("After=.*hanse\\.service");
    assertThat(HOME.resolve("install")).isExecutable();
  }
}
