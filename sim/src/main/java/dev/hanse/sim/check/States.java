package dev.hanse.sim.check;

import com.google.protobuf.Message;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.StoredSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Compares states. */
public final class States {
  private States() {}

  /** Fails unless both hold the same objects. */
  public static void same(String what, Snapshot one, Snapshot other) {
    for (Kind<?> kind : Kind.ALL) {
      same(what, kind, one, other);
    }
  }

  private static <T extends Message> void same(
      String what, Kind<T> kind, Snapshot one, Snapshot other) {
    List<T> left = new ArrayList<>(one.all(kind));
    List<T> right = new ArrayList<>(other.all(kind));
    if (!left.equals(right)) {
      left.removeAll(other.all(kind));
      right.removeAll(one.all(kind));
      throw new Violation(
          "%s at index %d: %s only in one: %s, only in the other: %s"
              .formatted(what, one.index(), kind, left, right));
    }
  }

  /** Fails unless what is saved and read again is the same. */
  public static void survivesSaving(Snapshot snapshot) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      StoredSnapshot.save(snapshot, out);
      Snapshot restored =
          StoredSnapshot.restore(new ByteArrayInputStream(out.toByteArray()), snapshot.index());
      same("saved and restored", snapshot, restored);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
