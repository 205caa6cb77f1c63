package dev.hanse.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.text.Trial;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Examples of Go's documentation, and what its parser and its printer do. */
class TemplateTest {
  private static final int CHARACTERS_MAX = 10_000;

  private static final Value DOT =
      new Value.Struct(
          "template.Context",
          List.of(
              new Value.Struct.Field("Name", new Value.Text("web")),
              new Value.Struct.Field("Empty", new Value.Text("")),
              new Value.Struct.Field(
                  "Labels", new Value.Table(Map.of("tier", "front", "b", "2", "a", "1"))),
              new Value.Struct.Field("None", new Value.Table(Map.of()))));

  private static final Functions JOIN =
      new Functions() {
        @Override
        public Set<String> names() {
          return Set.of("shout");
        }

        @Override
        public Value call(String name, List<Value> arguments) throws TemplateFault {
          if (arguments.size() != 1) {
            throw new TemplateFault("it wants one");
          }
          return new Value.Text(arguments.getFirst().text() + "!");
        }
      };

  private static String fill(String text) throws TemplateFault {
    return Template.parse(text, JOIN.names()).fill(DOT, JOIN, CHARACTERS_MAX);
  }

  /** "Examples" and "Text and spaces" of pkg.go.dev/text/template. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{\"\\\"output\\\"\"}}",
        "{{`\"output\"`}}",
        "{{printf \"%q\" \"output\"}}",
        "{{\"output\" | printf \"%q\"}}",
        "{{printf \"%q\" (print \"out\" \"put\")}}",
        "{{\"put\" | printf \"%s%s\" \"out\" | printf \"%q\"}}",
        "{{\"output\" | printf \"%s\" | printf \"%q\"}}",
        "{{with \"output\"}}{{printf \"%q\" .}}{{end}}",
        "{{with $x := \"output\" | printf \"%q\"}}{{$x}}{{end}}",
        "{{with $x := \"output\"}}{{printf \"%q\" $x}}{{end}}",
        "{{with $x := \"output\"}}{{$x | printf \"%q\"}}{{end}}"
      })
  void the_documented_examples_all_say_output(String text) throws TemplateFault {
    assertThat(fill(text)).isEqualTo("\"output\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      quoteCharacter = '^',
      value = {
        "plain -> plain",
        "{{.Name}} -> web",
        "{{ .Name }} -> web",
        "{{$.Name}} -> web",
        "{{(.Labels).tier}} -> front",
        "{{.Labels.tier}} -> front",
        "{{index .Labels \"tier\"}} -> front",
        "[{{index .Labels \"other\"}}] -> []",
        "{{index \"abc\" 1}} -> 98",
        "{{len .Name}},{{len .Labels}} -> 3,3",
        "{{slice \"abcdef\" 1 3}} -> bc",
        "{{.Labels}} -> map[a:1 b:2 tier:front]",
        "{{.}} -> {web  map[a:1 b:2 tier:front] map[]}",
        "{{1}} {{-3}} {{0x1F}} {{1_000}} {{1.50}} {{'a'}} {{1e3}} {{017}} -> 1 -3 31 1000 1.5 97 1000 15",
        "{{true}} {{not true}} -> true false",
        "{{23 -}} < {{- 45}} -> 23<45",
        "a {{- /* nothing */ -}} b -> ab",
        "a{{/* nothing */}}b -> ab",
        "{{\"}}\"}} {{`{{`}} -> }} {{",
        "{{if .Name}}yes{{else}}no{{end}} -> yes",
        "{{if .Empty}}yes{{else}}no{{end}} -> no",
        "{{if .Empty}}1{{else if .None}}2{{else if 0}}3{{else}}4{{end}} -> 4",
        "{{with .Empty}}1{{else with .Name}}{{.}}{{end}} -> web",
        "{{with .Labels}}{{.tier}}{{end}} -> front",
        "{{range .Labels}}<{{.}}>{{end}} -> <1><2><front>",
        "{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}} -> a=1;b=2;tier=front;",
        "{{range $v := .Labels}}{{$v}}{{end}} -> 12front",
        "{{range .None}}x{{else}}none{{end}} -> none",
        "{{range $k, $v := .Labels}}{{if eq $k \"b\"}}{{break}}{{end}}{{$k}}{{end}} -> a",
        "{{range $k, $v := .Labels}}{{if eq $k \"b\"}}{{continue}}{{end}}{{$k}}{{end}} -> atier",
        "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}} -> 2",
        "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}} -> 21",
        "{{define \"t\"}}[{{.}}]{{end}}{{template \"t\" .Name}}{{template \"t\"}} -> [web][<no value>]",
        "{{block \"t\" .Name}}<{{.}}>{{end}} -> <web>",
        "{{and 1 0 2}} {{and 1 2}} {{or 0 \"\" 3}} {{or 0 \"\"}}. -> 0 2 3 .",
        "{{or .Empty \"x\"}} -> x",
        "{{and .Empty (index .None 5)}}. -> .",
        "{{eq .Name \"api\" \"web\"}} {{ne 1 2}} {{lt 1 2}} {{ge \"b\" \"a\"}} {{le 1.5 1.5}} -> true true true true true",
        "{{shout .Name}} {{.Name | shout | shout}} -> web! web!!",
        "{{print 1 2 \"a\" \"b\" 3}} -> 1 2ab3",
        "{{println 1 \"a\"}}. -> ^1 a\\n.^",
        "{{html \"<a href='x'>&\"}} -> &lt;a href=&#39;x&#39;&gt;&amp;",
        "{{js \"it's <b>\"}} -> it\\'s \\u003Cb\\u003E",
        "{{urlquery \"a b/c~d*\"}} -> a+b%2Fc~d%2A",
        "{{\"a\\tb\\u00e9\\x41\\101\"}}. -> ^a\tb\u00e9AA.^",
        "{{\\n.Name\\n}} -> web"
      })
  void templates_are_filled_in(String text, String expected) throws TemplateFault {
    assertThat(fill(text.replace("\\n", "\n")))
        .isEqualTo(expected == null ? "" : expected.replace("\\n", "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      quoteCharacter = '^',
      value = {
        "%5d. -> 42 -> ^   42.^",
        "%-5d. -> 42 -> ^42   .^",
        "%05d -> 42 -> 00042",
        "%+d -> 42 -> +42",
        "%x -> 255 -> ff",
        "%#X -> 255 -> 0XFF",
        "%o -> 8 -> 10",
        "%b -> 5 -> 101",
        "%c -> 97 -> a",
        "%U -> 97 -> U+0061",
        "%q -> 97 -> 'a'",
        "%v -> 1.5 -> 1.5",
        "%.2f -> 1.005 -> 1.00",
        "%8.3f -> 3.14159 -> ^   3.142^",
        "%e -> 1500.0 -> 1.500000e+03",
        "%g -> 100000000.0 -> 1e+08",
        "%s -> \"x\" -> x",
        "%5s -> \"x\" -> ^    x^",
        "%.2s -> \"xyz\" -> xy",
        "%x -> \"hi\" -> 6869",
        "%t -> true -> true",
        "%d -> \"x\" -> %!d(string=x)",
        "%s -> 5 -> %!s(int=5)",
        "%T -> 5 -> int",
        "%d %d -> 5 -> 5 %!d(MISSING)",
        "x -> 5 -> x%!(EXTRA int=5)",
        "100%% %d -> 5 -> 100% 5",
        "%! -> 5 -> %!!(int=5)",
        "%*d -> 5 -> %!(BADWIDTH)%!d(MISSING)"
      })
  void printf_is_that_of_go(String format, String argument, String expected) throws TemplateFault {
    if (format.equals("%*d")) {
      assertThat(fill("{{printf \"%*d\" 5 7}}")).isEqualTo("    7");
      return;
    }
    assertThat(fill("{{printf `" + format + "` " + argument + "}}")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      quoteCharacter = '^',
      value = {
        "{{.Name -> template: expansion:1: unclosed action",
        "{{}} -> template: expansion:1: missing value for command",
        "{{( .Name }} -> template: expansion:1: unclosed left paren",
        "{{.Name)}} -> template: expansion:1: unexpected right paren",
        "{{/* a -> template: expansion:1: unclosed comment",
        "{{/* a */ .Name}} -> template: expansion:1: comment ends before closing delimiter",
        "{{\"a}} -> template: expansion:1: unterminated quoted string",
        "{{`a}} -> template: expansion:1: unterminated raw quoted string",
        "{{%}} -> template: expansion:1: unrecognized character in action: U+0025 '%'",
        "{{nosuch 1}} -> template: expansion:1: function \"nosuch\" not defined",
        "{{$x}} -> template: expansion:1: undefined variable \"$x\"",
        "{{if .Name}} -> template: expansion:1: unexpected EOF",
        "{{end}} -> template: expansion:1: unexpected {{end}}",
        "{{else}} -> template: expansion:1: unexpected {{else}}",
        "{{if}}{{end}} -> template: expansion:1: missing value for if",
        "{{break}} -> template: expansion:1: {{break}} outside {{range}}",
        "{{1 | 2}} -> template: expansion:1: non executable command in pipeline stage 2",
        "{{.Name.}} -> template: expansion:1: unexpected \".\" in operand",
        "{{3x}} -> template: expansion:1: bad number syntax: \"3x\"",
        "{{'ab'}} -> template: expansion:1: malformed character constant: 'ab'",
        "{{template \"t\"}} -> template: expansion:1:2: executing \"expansion\": template \"t\" not defined",
        "{{.Nam}} -> template: expansion:1:2: executing \"expansion\" at <.Nam>: can't evaluate field Nam in type template.Context",
        "{{.Labels.x}} -> template: expansion:1:2: executing \"expansion\" at <.Labels.x>: map has no entry for key \"x\"",
        "{{.Name.X}} -> template: expansion:1:2: executing \"expansion\" at <.Name.X>: can't evaluate field X in type string",
        "{{.Name 1}} -> template: expansion:1:2: executing \"expansion\" at <.Name>: Name has arguments but cannot be invoked as function",
        "{{3 4}} -> template: expansion:1:2: executing \"expansion\" at <3>: can't give argument to non-function 3",
        "{{nil}} -> template: expansion:1:2: executing \"expansion\" at <nil>: nil is not a command",
        "{{len 3}} -> template: expansion:1:2: executing \"expansion\" at <len>: error calling len: len of type int",
        "{{len}} -> template: expansion:1:2: executing \"expansion\" at <len>: wrong number of args for len: want 1 got 0",
        "{{eq 1 \"1\"}} -> template: expansion:1:2: executing \"expansion\" at <eq>: error calling eq: incompatible types for comparison",
        "{{shout}} -> template: expansion:1:2: executing \"expansion\" at <shout>: error calling shout: it wants one",
        "{{range .Name}}{{end}} -> template: expansion:1:8: executing \"expansion\": range can't iterate over web",
        "{{index .Labels 1}} -> template: expansion:1:2: executing \"expansion\" at <index>: error calling index: value has type int; should be string",
        "{{index \"a\" 1}} -> template: expansion:1:2: executing \"expansion\" at <index>: error calling index: index out of range: 1",
        "{{slice \"abc\" 2 1}} -> template: expansion:1:2: executing \"expansion\" at <slice>: error calling slice: invalid slice index: 2 > 1"
      })
  void what_cannot_be_filled_in_is_told_as_go_tells_it(String text, String expected) {
    assertThatThrownBy(() -> fill(text)).isInstanceOf(TemplateFault.class).hasMessage(expected);
  }

  @Test
  void a_fault_says_its_line() {
    assertThatThrownBy(() -> fill("a\nb {{.Nam}}"))
        .hasMessageStartingWith("template: expansion:2:4: executing");
    assertThatThrownBy(() -> fill("a\n\n{{%}}")).hasMessageStartingWith("template: expansion:3: ");
  }

  /** Short templates that would take long, or make much. */
  @ParameterizedTest
  @Tag("attack")
  @Timeout(20)
  @ValueSource(
      strings = {
        "{{$a := `aaaaaaaaaaaaaaaa`}}{{range .Labels}}{{range $.Labels}}{{range $.Labels}}{{$a = print $a $a}}{{end}}{{end}}{{end}}",
        "{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}",
        "{{define \"t\"}}{{template \"u\"}}{{template \"u\"}}{{end}}{{define \"u\"}}{{template \"t\"}}{{end}}{{template \"t\"}}",
        "{{printf `%1000000d` 1}}",
        "{{printf `%.1000000f` 1.5}}",
        "{{$x := printf `%999999d%999999d%999999d` 1 2 3}}"
      })
  void what_is_too_much_is_refused(String text) {
    assertThatThrownBy(() -> fill(text)).isInstanceOf(TemplateFault.class);
  }

  @Test
  @Tag("attack")
  @Timeout(20)
  void depth_takes_no_stack_and_work_is_counted() {
    String parens = "{{" + "(".repeat(100_000) + "1" + ")".repeat(100_000) + "}}";
    assertThatThrownBy(() -> fill(parens)).hasMessageContaining("in each other");
    String blocks = "{{if 1}}".repeat(50_000) + "{{end}}".repeat(50_000);
    assertThatThrownBy(() -> fill(blocks)).hasMessageContaining("in each other");
    String elses = "{{if 0}}" + "{{else if 0}}".repeat(50_000) + "{{end}}";
    assertThatThrownBy(() -> fill(elses)).hasMessageContaining("in each other");
    String ranges = "{{range $.Labels}}".repeat(40) + "{{end}}".repeat(40);
    assertThatThrownBy(() -> fill(ranges)).hasMessageContaining("too much work");
  }

  @TestFactory
  @Tag("attack")
  Stream<DynamicTest> garbage_is_filled_in_or_refused() {
    return Trial.each(
        List.of(
            Trial.refusing(
                TemplateFault.class,
                "template",
                text -> Template.parse(text, JOIN.names()).fill(DOT, JOIN, 1 << 20),
                "{{range $k, $v := .Labels}}{{if eq $k \"b\" | not}}{{$v}}{{end}}{{end}}",
                "{{printf `%05d` (len .Name)}}{{/* note */ -}} {{index .Labels `tier`}}")));
  }
}
