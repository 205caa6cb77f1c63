package dev.hanse.systemtest;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Code and poms use what the table of modules in ARCHITECTURE.md says, no more and no less. */
class ArrowsTest {
  private static final String ROOT = "dev.hanse.";
  private static final Path HOUSE = Path.of("..");
  private static final String ARTIFACT = "hanse-";

  private static ModuleTable table = new ModuleTable(Map.of());

  /** Module -> the types of other modules that its code uses -> one class that does. */
  private static final Map<String, Map<String, String>> used = new TreeMap<>();

  @BeforeAll
  static void read() throws IOException {
    table = ModuleTable.in(HOUSE.resolve("ARCHITECTURE.md"));
    ProductClasses.ALL.stream()
        .filter(type -> !module(type).equals("systemtest"))
        .forEach(ArrowsTest::note);
  }

  private static void note(JavaClass type) {
    Map<String, String> types = used.computeIfAbsent(module(type), _ -> new TreeMap<>());
    for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
      JavaClass target = dependency.getTargetClass().getBaseComponentType();
      if (target.getName().startsWith(ROOT) && !module(target).equals(module(type))) {
        types.putIfAbsent(name(target), name(type));
      }
    }
  }

  private static String name(JavaClass type) {
    return type.getName().substring(ROOT.length());
  }

  private static String module(JavaClass type) {
    return ModuleTable.moduleOf(name(type));
  }

  @Test
  void code_uses_nothing_that_the_table_does_not_name() {
    List<String> unnamed = new ArrayList<>();
    used.forEach(
        (module, types) ->
            types.forEach(
                (type, user) -> {
                  ModuleTable.Row row = table.rows().get(module);
                  if (row == null || row.allowing(type).isEmpty()) {
                    unnamed.add(user + " uses " + type);
                  }
                }));
    assertThat(unnamed).as("uses that ARCHITECTURE.md does not allow").isEmpty();
    assertThat(used).containsKeys("store", "control", "network", "kernel", "docker", "node");
  }

  @Test
  void the_table_names_nothing_that_no_code_uses() {
    List<String> unused = new ArrayList<>();
    table
        .rows()
        .forEach(
            (module, row) -> {
              Set<String> entries = new HashSet<>();
              used.getOrDefault(module, Map.of())
                  .keySet()
                  .forEach(type -> row.allowing(type).ifPresent(entries::add));
              if (used.containsKey(module)) {
                row.uses().stream()
                    .filter(entry -> !entries.contains(entry))
                    .forEach(entry -> unused.add(module + " does not use " + entry));
              }
            });
    assertThat(unused).as("what ARCHITECTURE.md names in vain").isEmpty();
  }

  /** The module's own package may use those below it and be used by them. */
  @Test
  void packages_do_not_use_each_other_in_circles() {
    for (String module : used.keySet()) {
      slices()
          .matching(ROOT + module + ".(*)..")
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true) // modules of one package
          .check(ProductClasses.ALL);
    }
  }

  @Test
  void each_module_of_the_build_has_its_row() throws Exception {
    assertThat(table.rows().keySet()).containsExactlyInAnyOrderElementsOf(texts(pom(""), "module"));
    assertThat(table.rows().keySet()).containsAll(used.keySet());
  }

  /** Tests may use more, but for modules of which there is nothing else. */
  @Test
  void poms_list_the_modules_of_the_table_and_no_others() throws Exception {
    for (Map.Entry<String, ModuleTable.Row> row : table.rows().entrySet()) {
      String module = row.getKey();
      assertThat(dependencies(module, !used.containsKey(module)))
          .as("modules in %s/pom.xml, against ARCHITECTURE.md", module)
          .isEqualTo(row.getValue().modules());
    }
  }

  private static Set<String> dependencies(String module, boolean withTests) throws Exception {
    NodeList all = pom(module).getElementsByTagName("dependency");
    return elements(all).stream()
        .filter(dependency -> withTests || !texts(dependency, "scope").contains("test"))
        .flatMap(dependency -> texts(dependency, "artifactId").stream())
        .filter(artifact -> artifact.startsWith(ARTIFACT))
        .map(artifact -> artifact.substring(ARTIFACT.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Element pom(String module)
      throws IOException, ParserConfigurationException, SAXException {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(HOUSE.resolve(module).resolve("pom.xml").toFile())
        .getDocumentElement();
  }

  private static List<String> texts(Element parent, String tag) {
    return elements(parent.getElementsByTagName(tag)).stream()
        .map(Node::getTextContent)
        .map(String::strip)
        .toList();
  }

  private static List<Element> elements(NodeList nodes) {
    List<Element> elements = new ArrayList<>();
    for (int at = 0; at < nodes.getLength(); at++) {
      if (nodes.item(at) instanceof Element element) {
        elements.add(element);
      }
    }
    return elements;
  }
}
