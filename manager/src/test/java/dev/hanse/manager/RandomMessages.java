package dev.hanse.manager;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.util.List;
import java.util.Random;

/** Messages of a type with anything in any field: what is extreme, wrong, or nearly right. */
final class RandomMessages {
  private static final int DEPTH_MAX = 5;
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    7,
    127,
    255,
    65_535,
    65_536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Random random;
  private final List<String> texts;

  /**
   * Messages.
   *
   * @param known texts that mean something to who is asked, such as ids
   */
  RandomMessages(Random random, List<String> known) {
    this.random = random;
    this.texts =
        java.util.stream.Stream.concat(
                known.stream(),
                java.util.stream.Stream.of(
                    "",
                    "a",
                    "../../etc",
                    "\0",
                    "ä\u2028",
                    "x".repeat(3_000),
                    "127.0.0.1:1",
                    "{{.}}"))
            .toList();
  }

  /** One of the prototype's type. */
  Message of(Message prototype) {
    return of(prototype.newBuilderForType(), 0);
  }

  private Message of(Message.Builder message, int depth) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (random.nextInt(3) == 0) {
        continue;
      }
      if (field.isRepeated()) {
        int count = random.nextInt(10) == 0 ? 200 : random.nextInt(4);
        for (int i = 0; i < count && depth < DEPTH_MAX; i++) {
          message.addRepeatedField(field, value(message, field, count > 10 ? DEPTH_MAX : depth));
        }
      } else if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || depth < DEPTH_MAX) {
        message.setField(field, value(message, field, depth));
      }
    }
    if (random.nextInt(10) == 0) {
      message.setUnknownFields(
          UnknownFieldSet.newBuilder()
              .addField(
                  1 + random.nextInt(20_000),
                  UnknownFieldSet.Field.newBuilder().addVarint(random.nextLong()).build())
              .build());
    }
    return message.build();
  }

  private Object value(Message.Builder of, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case INT -> (int) number();
      case LONG -> number();
      case FLOAT -> random.nextBoolean() ? Float.NaN : random.nextFloat();
      case DOUBLE -> random.nextBoolean() ? Double.NEGATIVE_INFINITY : random.nextDouble();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> texts.get(random.nextInt(texts.size()));
      case BYTE_STRING -> bytes();
      case ENUM -> constant(field);
      case MESSAGE -> of(of.newBuilderForField(field), depth + 1);
    };
  }

  private long number() {
    return random.nextInt(4) == 0 ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private ByteString bytes() {
    if (random.nextBoolean()) {
      return ByteString.copyFromUtf8(texts.get(random.nextInt(texts.size())));
    }
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /** One that is defined, or one that nobody knows. */
  private EnumValueDescriptor constant(FieldDescriptor field) {
    List<EnumValueDescriptor> known = field.getEnumType().getValues();
    return random.nextInt(6) == 0 && !field.legacyEnumFieldTreatedAsClosed()
        ? field.getEnumType().findValueByNumberCreatingIfUnknown(1_000 + random.nextInt(100))
        : known.get(random.nextInt(known.size()));
  }
}
