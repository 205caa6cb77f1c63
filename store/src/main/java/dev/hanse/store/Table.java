package dev.hanse.store;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * The objects of one kind, by id, with their indexes; immutable, sharing structure with its
 * ancestors. Sorted maps, so that everything that iterates is repeatable. Indexes hold ids, not
 * objects: a change that moves no key costs one path in one tree.
 */
final class Table<T extends Message> {
  private final Kind<T> kind;
  private final TreePMap<String, T> rows;
  private final TreePMap<String, TreePSet<String>> names;
  private final List<TreePMap<String, TreePSet<String>>> indexes;

  private Table(
      Kind<T> kind,
      TreePMap<String, T> rows,
      TreePMap<String, TreePSet<String>> names,
      List<TreePMap<String, TreePSet<String>>> indexes) {
    this.kind = kind;
    this.rows = rows;
    this.names = names;
    this.indexes = indexes;
  }

  static <T extends Message> Table<T> empty(Kind<T> kind) {
    List<TreePMap<String, TreePSet<String>>> indexes = new ArrayList<>();
    for (Index<T> index : kind.indexes()) {
      assert !index.word().isEmpty();
      indexes.add(TreePMap.empty());
    }
    return new Table<>(kind, TreePMap.empty(), TreePMap.empty(), List.copyOf(indexes));
  }

  @Nullable T find(String id) {
    return rows.get(id);
  }

  Collection<T> all() {
    return rows.values();
  }

  Collection<T> after(String id) {
    return rows.tailMap(id, false).values();
  }

  int size() {
    return rows.size();
  }

  Set<String> idsByName(String name) {
    TreePSet<String> ids = names.get(Kind.fold(name));
    return ids == null ? Set.of() : ids;
  }

  List<T> byIdPrefix(String prefix) {
    List<T> found = new ArrayList<>();
    for (var entry : rows.tailMap(prefix, true).entrySet()) {
      if (!entry.getKey().startsWith(prefix)) {
        break;
      }
      found.add(entry.getValue());
    }
    return found;
  }

  List<T> byIndex(String word, String key) {
    Set<String> ids = idsByIndex(word, key);
    List<T> found = new ArrayList<>(ids.size());
    for (String id : ids) {
      found.add(Optional.ofNullable(rows.get(id)).orElseThrow());
    }
    return found;
  }

  boolean hasKey(String word, String key) {
    return !idsByIndex(word, key).isEmpty();
  }

  Set<String> idsByIndex(String word, String key) {
    List<Index<T>> known = kind.indexes();
    for (int i = 0; i < known.size(); i++) {
      if (known.get(i).word().equals(word)) {
        TreePSet<String> ids = indexes.get(i).get(key);
        return ids == null ? Set.of() : ids;
      }
    }
    throw new IllegalArgumentException("no index " + word + " of kind " + kind);
  }

  Table<T> put(T object) {
    String id = kind.id(object);
    return replace(id, rows.get(id), object);
  }

  Table<T> remove(String id) {
    T before = rows.get(id);
    return before == null ? this : replace(id, before, null);
  }

  private Table<T> replace(String id, @Nullable T before, @Nullable T after) {
    TreePMap<String, T> newRows = after == null ? rows.minus(id) : rows.plus(id, after);
    boolean renamed =
        before == null || after == null || !kind.nameOf(before).equals(kind.nameOf(after));
    TreePMap<String, TreePSet<String>> newNames =
        renamed
            ? move(names, object -> Set.of(Kind.fold(kind.nameOf(object))), id, before, after)
            : names;
    List<TreePMap<String, TreePSet<String>>> newIndexes = new ArrayList<>(indexes.size());
    List<Index<T>> known = kind.indexes();
    for (int i = 0; i < known.size(); i++) {
      newIndexes.add(move(indexes.get(i), known.get(i).keys(), id, before, after));
    }
    return new Table<>(kind, newRows, newNames, newIndexes);
  }

  private static <T extends Message> TreePMap<String, TreePSet<String>> move(
      TreePMap<String, TreePSet<String>> index,
      Function<T, Set<String>> keys,
      String id,
      @Nullable T before,
      @Nullable T after) {
    Set<String> oldKeys = before == null ? Set.of() : keys.apply(before);
    Set<String> newKeys = after == null ? Set.of() : keys.apply(after);
    if (oldKeys.equals(newKeys)) {
      return index;
    }
    TreePMap<String, TreePSet<String>> moved = index;
    for (String key : oldKeys) {
      if (!newKeys.contains(key)) {
        TreePSet<String> left = Optional.ofNullable(moved.get(key)).orElseThrow().minus(id);
        moved = left.isEmpty() ? moved.minus(key) : moved.plus(key, left);
      }
    }
    for (String key : newKeys) {
      if (!oldKeys.contains(key)) {
        TreePSet<String> ids = moved.get(key);
        moved = moved.plus(key, ids == null ? TreePSet.singleton(id) : ids.plus(id));
      }
    }
    return moved;
  }
}
