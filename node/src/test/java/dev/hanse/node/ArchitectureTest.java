package dev.hanse.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rings and the arrows between modules, as ARCHITECTURE.md draws them. */
class ArchitectureTest {

  /** Which modules a module may use; what is not listed is forbidden. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("model", List.of()),
          Map.entry("containerd", List.of()),
          Map.entry("store", List.of("model")),
          Map.entry("control", List.of("model", "store")),
          Map.entry("network", List.of("model")),
          Map.entry("kernel", List.of()),
          Map.entry("identity", List.of("model")),
          Map.entry("runtime", List.of("containerd", "kernel")),
          Map.entry("raft", List.of("model")),
          Map.entry("manager", List.of("model", "store", "control", "raft", "identity")),
          Map.entry("agent", List.of("model", "network", "kernel", "runtime", "identity")),
          Map.entry(
              "docker",
              List.of("model", "store", "control", "manager", "agent", "runtime", "kernel")),
          Map.entry("lab", List.of("kernel")),
          Map.entry(
              "node",
              List.of(
                  "model",
                  "store",
                  "control",
                  "manager",
                  "agent",
                  "runtime",
                  "kernel",
                  "network",
                  "identity",
                  "docker",
                  "lab")));

  private static final List<String> DECIDERS = List.of("store", "control", "network");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.hanse");

  private static String inside(String module) {
    return "dev.hanse." + module + "..";
  }

  @Test
  void everyModuleIsSeen() {
    for (String module : ARROWS.keySet()) {
      assertThat(
              CLASSES.stream()
                  .anyMatch(type -> type.getPackageName().startsWith("dev.hanse." + module)))
          .as("classes of module %s are on the class path of this test", module)
          .isTrue();
    }
  }

  @Test
  void modulesUseOnlyModulesAboveThem() {
    LayeredArchitecture rings = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String module : ARROWS.keySet()) {
      rings = rings.layer(module).definedBy(inside(module));
    }
    for (Map.Entry<String, List<String>> arrow : ARROWS.entrySet()) {
      String[] targets = arrow.getValue().toArray(String[]::new);
      rings =
          targets.length == 0
              ? rings.whereLayer(arrow.getKey()).mayNotAccessAnyLayer()
              : rings.whereLayer(arrow.getKey()).mayOnlyAccessLayers(targets);
    }
    rings.check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    for (String module : ARROWS.keySet()) {
      if (!module.equals("containerd") && !module.equals("model")) {
        slices()
            .matching("dev.hanse." + module + ".(*)..")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true)
            .check(CLASSES);
      }
    }
  }

  @Test
  void decidersHaveNoClockSocketFileThreadOrChance() {
    for (String decider : DECIDERS) {
      noClasses()
          .that()
          .resideInAPackage(inside(decider))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "java.net.http..",
                  "java.nio.file..",
                  "java.nio.channels..",
                  "io.grpc..",
                  "org.slf4j.."))
          .check(CLASSES);
      noClasses()
          .that()
          .resideInAPackage(inside(decider))
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.Thread")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.security.SecureRandom")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.time.Clock")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .check(CLASSES);
    }
  }

  @Test
  void jsonStaysAtTheEdges() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            inside("docker"), inside("runtime"), inside("lab"), inside("agent"), inside("node"))
        .should()
        .dependOnClassesThat(resideInAnyPackage("com.fasterxml.jackson.."))
        .check(CLASSES);
  }
}
