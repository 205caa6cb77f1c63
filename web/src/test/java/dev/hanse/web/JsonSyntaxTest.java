package dev.hanse.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hanse.bounds.BoundedJson;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts are those of Go's encoding/json. */
class JsonSyntaxTest {
  private static Optional<String> fault(String text) {
    return JsonSyntax.fault(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\"                | unexpected EOF",
        "{                       | unexpected EOF",
        "{]                      | invalid character ']' looking for beginning of object key string",
        "{\"a\":1,}            | invalid character '}' looking for beginning of object key string",
        "{\"a\" 1}             | invalid character '1' after object key",
        "{\"a\":1 \"b\":2}   | invalid character '\"' after object key:value pair",
        "[1 2]                   | invalid character '2' after array element",
        "[1,]                    | invalid character ']' looking for beginning of value",
        "{\"a\":'b'}           | invalid character '\\'' looking for beginning of value",
        "nope                    | invalid character 'o' in literal null (expecting 'u')",
        "[\"\\x\"]           | invalid character 'x' in string escape code",
        "[\"\\u00g0\"]       | invalid character 'g' in \\u hexadecimal character escape",
        "[\"\u0001\"]         | invalid character '\\x01' in string literal",
        "[-a]                    | invalid character 'a' in numeric literal",
        "[1.x]                   | invalid character 'x' after decimal point in numeric literal",
        "[1ex]                   | invalid character 'x' in exponent of numeric literal",
      })
  void theFaultIsNamedAsGoNamesIt(String text, String message) {
    assertThat(fault(text)).contains(message);
  }

  @Test
  void goodDocumentsHaveNone() {
    for (String text : new String[] {"{}", " [ ]", "[{\"a\":[1,-2.5e+3,null]},[[\"\\u00e4\"]]] "}) {
      assertThat(fault(text)).as(text).isEmpty();
    }
  }

  @Test
  void itAgreesWithTheParserOnGarbage() {
    String letters = "{}[]:,\"\\ue10-.tfnab \n";
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder("[");
      for (int length = random.nextInt(12); length > 0; length--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      boolean parses;
      try {
        var unused = BoundedJson.mapper().readTree(text.toString());
        parses = true;
      } catch (JsonProcessingException refused) {
        parses = refused.getOriginalMessage().startsWith("Trailing token");
      }
      if (parses) {
        assertThat(fault(text.toString())).as(text.toString()).isEmpty();
      }
    }
  }
}
