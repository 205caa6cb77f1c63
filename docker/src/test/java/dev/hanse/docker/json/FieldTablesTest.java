package dev.hanse.docker.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every field of every message that has a table: written and read back, or listed with a reason.
 * The tables are found in this package's classes, the fields in the messages' descriptors: a new
 * one of either is tested without a word here.
 */
final class FieldTablesTest {
  /** A table with the empty message of its kind. */
  private record Tested(
      Message empty, Function<Message, String> show, Map<String, String> hidden) {}

  private static final Map<String, FieldTable<?, ?>> FIELDS = new TreeMap<>();
  private static final Map<String, ShownTable<?>> SHOWN = new TreeMap<>();

  /** Full names of fields that some table of their message leaves out, whatever the reason. */
  private static final Set<String> LEFT_OUT = new HashSet<>();

  static {
    try (Stream<Path> files =
        Files.list(
            Path.of(
                    ContainerSpecJson.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(ContainerSpecJson.class.getPackageName().replace('.', '/')))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        find(file.getFileName().toString().replace(".class", ""));
      }
    } catch (IOException | URISyntaxException | ReflectiveOperationException e) {
      throw new IllegalStateException("looking for tables", e);
    }
    FIELDS.values().forEach(table -> leftOut(descriptor(table), table.shown().hidden()));
    FIELDS.values().forEach(table -> leftOut(descriptor(table), table.unread()));
    SHOWN.values().forEach(table -> leftOut(empty(table).getDescriptorForType(), table.hidden()));
  }

  private static void find(String name) throws ReflectiveOperationException {
    Class<?> type = Class.forName(ContainerSpecJson.class.getPackageName() + "." + name);
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        field.setAccessible(true);
        Object value = field.get(null);
        if (value instanceof FieldTable<?, ?> table) {
          FIELDS.put(name + "." + field.getName(), table);
        } else if (value instanceof ShownTable<?> table) {
          SHOWN.put(name + "." + field.getName(), table);
        }
      }
    }
  }

  /** Paths with a dot are of one table, and say nothing of the nested message's own. */
  private static void leftOut(Descriptor type, Map<String, String> fields) {
    for (String name : fields.keySet()) {
      if (name.indexOf('.') < 0) {
        FieldDescriptor field = type.findFieldByName(name);
        assertThat(field).as(type.getFullName() + " has no field " + name).isNotNull();
        LEFT_OUT.add(field.getFullName());
      }
    }
  }

  private static Descriptor descriptor(FieldTable<?, ?> table) {
    return ((Message) table.empty()).getDescriptorForType();
  }

  private static Message empty(ShownTable<?> table) {
    return (Message) Internal.getDefaultInstance(table.type().asSubclass(MessageLite.class));
  }

  @SuppressWarnings("unchecked")
  private static <M, B> Message backAgain(FieldTable<M, B> table, Message message) {
    String json = table.complete().show((M) message).toString();
    return (Message) table.read(Fields.of(Json.parse(json, IllegalStateException::new)));
  }

  private static boolean isKept(FieldDescriptor field) {
    return !LEFT_OUT.contains(field.getFullName());
  }

  private static boolean isRead(FieldTable<?, ?> table, FieldDescriptor field) {
    return field.getContainingType().equals(descriptor(table))
        ? !table.shown().hidden().containsKey(field.getName())
            && !table.unread().containsKey(field.getName())
        : isKept(field);
  }

  @Test
  void there_are_tables() {
    assertThat(FIELDS).containsKeys("ContainerSpecJson.TABLE", "MountJson.TABLE");
    assertThat(FIELDS).hasSizeGreaterThan(40);
    assertThat(SHOWN).hasSizeGreaterThan(20);
  }

  @TestFactory
  Stream<DynamicTest> what_is_written_is_read_back() {
    return FIELDS.entrySet().stream()
        .map(entry -> dynamicTest(entry.getKey(), () -> comesBack(entry.getValue())));
  }

  private static void comesBack(FieldTable<?, ?> table) {
    Message empty = (Message) table.empty();
    for (int variant = 0; variant < FilledMessage.variants(descriptor(table)); variant++) {
      Message full = FilledMessage.of(empty, variant, field -> isRead(table, field));
      assertThat(backAgain(table, full).toString()).isEqualTo(full.toString());
      for (FieldDescriptor field : descriptor(table).getFields()) {
        if (field.getJavaType() == FieldDescriptor.JavaType.ENUM && isRead(table, field)) {
          everyWord(table, full, field);
        }
      }
    }
  }

  private static void everyWord(FieldTable<?, ?> table, Message full, FieldDescriptor field) {
    for (EnumValueDescriptor word : field.getEnumType().getValues()) {
      Message message = FilledMessage.sensible(full.toBuilder().setField(field, word).build());
      assertThat(backAgain(table, message)).as(word.getName()).isEqualTo(message);
    }
  }

  /** What a client does not name gets a value that stays when the client sends it back. */
  @TestFactory
  Stream<DynamicTest> what_was_read_stays() {
    return FIELDS.entrySet().stream()
        .map(entry -> dynamicTest(entry.getKey(), () -> stays(entry.getValue())));
  }

  private static void stays(FieldTable<?, ?> table) {
    Message read;
    try {
      read = (Message) table.read(Fields.of(Json.object()));
    } catch (HttpFailure refused) {
      assertThat(refused.status()).isEqualTo(400);
      return;
    }
    assertThat(backAgain(table, read)).isEqualTo(read);
  }

  @TestFactory
  Stream<DynamicTest> every_field_is_shown_or_there_is_a_reason() {
    Map<String, Tested> tables = new TreeMap<>();
    FIELDS.forEach(
        (name, table) -> tables.put(name, tested((Message) table.empty(), table.complete())));
    SHOWN.forEach((name, table) -> tables.put(name, tested(empty(table), table)));
    return tables.entrySet().stream()
        .map(entry -> dynamicTest(entry.getKey(), () -> isWhole(entry.getValue())));
  }

  @SuppressWarnings("unchecked")
  private static <M> Tested tested(Message empty, ShownTable<M> table) {
    return new Tested(empty, message -> table.show((M) message).toString(), table.hidden());
  }

  private static void isWhole(Tested table) {
    assertThat(
            Forgotten.fields(table.empty(), table.show(), table.hidden(), FieldTablesTest::isKept))
        .as("fields that no line shows")
        .isEmpty();
  }
}
