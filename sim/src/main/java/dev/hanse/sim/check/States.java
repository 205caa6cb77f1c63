package dev.hanse.sim.check;

import com.google.protobuf.Message;
import dev.hanse.model.StoreAction;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.StoredSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Compares states. */
public final class States {
  private States() {}

  /** Fails unless both hold the same objects. */
  public static void same(String what, Snapshot one, Snapshot other) {
    for (Kind<?> kind : Kind.ALL) {
      same(what, kind, one, other);
    }
  }

  /** Fails unless both hold the same of what these actions put or remove. */
  public static void same(
      String what, Snapshot one, Snapshot other, Collection<StoreAction> actions) {
    for (StoreAction action : actions) {
      same(what, Kind.of(action), one, other, action);
    }
  }

  private static <T extends Message> void same(
      String what, Kind<T> kind, Snapshot one, Snapshot other, StoreAction action) {
    String id = kind.id(kind.object(action));
    Optional<T> left = one.find(kind, id);
    Optional<T> right = other.find(kind, id);
    Violation.unless(
        left.equals(right),
        "%s at index %d: %s is not %s, but %s",
        what,
        one.index(),
        kind,
        left,
        right);
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
