package dev.hanse.docker.json;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import dev.hanse.model.Annotations;
import dev.hanse.model.Privileges.SeccompOpts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Messages with a value in every field, made by their descriptors, so that no test has to know
 * which fields there are.
 */
public final class FilledMessage {
  private static final String PACKAGE = "docker.swarmkit.v1.";

  /** Fields in which only some values make sense. */
  private static final Map<String, Object> SAMPLES =
      Map.of(
          PACKAGE + "Privileges.SeccompOpts.profile",
          ByteString.copyFromUtf8("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"),
          PACKAGE + "Privileges.SeccompOpts.mode",
          SeccompOpts.SeccompMode.CUSTOM.getValueDescriptor(),
          PACKAGE + "Mount.TmpfsOptions.options",
          "[[\"noexec\"],[\"size\",\"1\"]]",
          PACKAGE + "ContainerSpec.hosts",
          List.of("10.0.0.1 one", "10.0.0.2 two"),
          PACKAGE + "ClusterSpec.annotations",
          Annotations.newBuilder().setName("default").putLabels("a", "b").build());

  private final Predicate<FieldDescriptor> wanted;
  private final int variant;
  private int number;

  private FilledMessage(int variant, Predicate<FieldDescriptor> wanted) {
    this.variant = variant;
    this.wanted = wanted;
  }

  /**
   * The message with each wanted field set, those of nested messages too.
   *
   * @param variant which field of each oneof and which value of each enum is taken
   */
  @SuppressWarnings("unchecked")
  public static <M extends Message> M of(M empty, int variant, Predicate<FieldDescriptor> wanted) {
    return (M) new FilledMessage(variant, wanted).fill(empty.newBuilderForType());
  }

  private Message fill(Message.Builder builder) {
    for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      if (wanted.test(field) && isChosen(field)) {
        set(builder, field);
      }
    }
    return builder.build();
  }

  private boolean isChosen(FieldDescriptor field) {
    OneofDescriptor oneof = field.getContainingOneof();
    if (oneof == null) {
      return true;
    }
    List<FieldDescriptor> choices = oneof.getFields().stream().filter(wanted).toList();
    return choices.get(variant % choices.size()).equals(field);
  }

  private void set(Message.Builder builder, FieldDescriptor field) {
    Object sample = SAMPLES.get(field.getFullName());
    if (sample != null) {
      builder.setField(field, sample);
    } else if (field.isRepeated()) {
      builder.addRepeatedField(field, value(builder, field));
      builder.addRepeatedField(field, value(builder, field));
    } else {
      builder.setField(field, value(builder, field));
    }
  }

  private Object value(Message.Builder builder, FieldDescriptor field) {
    number++;
    return switch (field.getJavaType()) {
      case INT -> number;
      case LONG -> (long) number;
      case FLOAT -> number + 0.5f;
      case DOUBLE -> number + 0.5;
      case BOOLEAN -> true;
      case STRING -> field.getName() + "-" + number;
      case BYTE_STRING -> ByteString.copyFromUtf8("bytes " + number);
      case ENUM -> enumValue(field);
      case MESSAGE -> message(builder, field);
    };
  }

  private EnumValueDescriptor enumValue(FieldDescriptor field) {
    List<EnumValueDescriptor> values = field.getEnumType().getValues();
    return values.size() == 1 ? values.getFirst() : values.get(1 + variant % (values.size() - 1));
  }

  private Message message(Message.Builder builder, FieldDescriptor field) {
    Message.Builder nested = builder.newBuilderForField(field);
    if (nested instanceof BoolValue.Builder flag) {
      return flag.setValue(true).build();
    }
    return fill(nested);
  }

  /** How many variants it takes to see every choice of every oneof and enum below the message. */
  public static int variants(Descriptor type) {
    int most = 1;
    for (FieldDescriptor field : type.getFields()) {
      if (field.getContainingOneof() != null) {
        most = Math.max(most, field.getContainingOneof().getFieldCount());
      }
      if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
        most = Math.max(most, field.getEnumType().getValues().size() - 1);
      }
      if (!isLeaf(field)) {
        most = Math.max(most, variants(field.getMessageType()));
      }
    }
    return most;
  }

  /** The paths of all fields, down through nested messages. */
  public static List<List<FieldDescriptor>> paths(Descriptor type) {
    List<List<FieldDescriptor>> paths = new ArrayList<>();
    for (FieldDescriptor field : type.getFields()) {
      paths.add(List.of(field));
      if (!isLeaf(field)) {
        for (List<FieldDescriptor> below : paths(field.getMessageType())) {
          List<FieldDescriptor> path = new ArrayList<>(List.of(field));
          path.addAll(below);
          paths.add(path);
        }
      }
    }
    return paths;
  }

  private static boolean isLeaf(FieldDescriptor field) {
    return field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
        || field.isMapField()
        || field.getMessageType().getFullName().startsWith("google.protobuf.");
  }

  /** The message without the field at the path (of lists: that of the first element). */
  @SuppressWarnings("unchecked")
  public static <M extends Message> M without(M message, List<FieldDescriptor> path) {
    FieldDescriptor field = path.getFirst();
    Message.Builder builder = message.toBuilder();
    if (path.size() == 1) {
      builder.clearField(field);
    } else if (field.isRepeated()) {
      if (message.getRepeatedFieldCount(field) > 0) {
        Message first = (Message) message.getRepeatedField(field, 0);
        builder.setRepeatedField(field, 0, without(first, path.subList(1, path.size())));
      }
    } else if (message.hasField(field)) {
      Message nested = (Message) message.getField(field);
      builder.setField(field, without(nested, path.subList(1, path.size())));
    }
    return (M) builder.build();
  }

  /** Makes a filled message sensible after one of its enums was changed. */
  static Message sensible(Message message) {
    return message instanceof SeccompOpts seccomp
            && seccomp.getMode() != SeccompOpts.SeccompMode.CUSTOM
        ? seccomp.toBuilder().clearProfile().build()
        : message;
  }

  /** A path in protobuf's names: {@code status.down_since}. */
  public static String name(List<FieldDescriptor> path) {
    return String.join(".", path.stream().map(FieldDescriptor::getName).toList());
  }
}
