package dev.hanse.docker.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Finds the fields of a message that do not change what is shown of it: each is taken out of a
 * message in which all are set.
 */
public final class Forgotten {
  private Forgotten() {}

  /**
   * The paths of the fields that make no difference.
   *
   * @param show what is shown of a message
   * @param hidden paths of fields that shall make none, with the reason
   * @param shown whether a field of a nested message is shown at all
   */
  public static Set<String> fields(
      Message empty,
      Function<Message, String> show,
      Map<String, String> hidden,
      Predicate<FieldDescriptor> shown) {
    Descriptor type = empty.getDescriptorForType();
    List<List<FieldDescriptor>> paths = FilledMessage.paths(type);
    assertThat(paths.stream().map(FilledMessage::name))
        .as("fields of " + type.getName())
        .containsAll(hidden.keySet());
    Set<String> forgotten = new TreeSet<>();
    Set<String> seen = new HashSet<>();
    for (int variant = 0; variant < FilledMessage.variants(type); variant++) {
      Message full = FilledMessage.of(empty, variant, field -> true);
      String all = show.apply(full);
      for (List<FieldDescriptor> path : paths) {
        Message less = FilledMessage.without(full, path);
        boolean changed = !show.apply(less).equals(all);
        String name = FilledMessage.name(path);
        if (hidden.containsKey(name)) {
          assertThat(changed).as(name + " is shown, though it shall not be").isFalse();
        } else if (!less.equals(full) && isWanted(path, hidden, shown)) {
          (changed ? seen : forgotten).add(name);
        }
      }
    }
    forgotten.removeAll(seen);
    return forgotten;
  }

  private static boolean isWanted(
      List<FieldDescriptor> path, Map<String, String> hidden, Predicate<FieldDescriptor> shown) {
    for (int length = 1; length < path.size(); length++) {
      if (hidden.containsKey(FilledMessage.name(path.subList(0, length)))
          || !shown.test(path.get(length))) {
        return false;
      }
    }
    return path.getLast().getJavaType() != FieldDescriptor.JavaType.ENUM
        || path.getLast().getEnumType().getValues().size() > 1;
  }
}
