package dev.hanse.store;

import com.google.protobuf.Message;
import dev.hanse.model.InternalRaftRequest;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one transaction does to the state: whole values put or removed, in order. */
public record Changes(List<StoreAction> actions) {
  private static final Changes NONE = new Changes(List.of());

  /** Copies the list. */
  public Changes {
    actions = List.copyOf(actions);
  }

  /** The change of nothing. */
  public static Changes none() {
    return NONE;
  }

  /** Whether nothing changes. */
  public boolean isEmpty() {
    return actions.isEmpty();
  }

  /**
   * Changes one after the other as one, in which each object stands once: with what came of it, in
   * the place of its first touch. What was made and removed on the way does not stand in it.
   */
  public static Changes merged(List<Changes> inOrder) {
    if (inOrder.size() == 1) {
      return inOrder.getFirst();
    }
    Map<Key, StoreAction> merged = new LinkedHashMap<>();
    for (Changes changes : inOrder) {
      for (StoreAction action : changes.actions) {
        merge(merged, action, Kind.of(action));
      }
    }
    merged.values().removeIf(action -> action.getAction() == StoreActionKind.UNKNOWN);
    return new Changes(List.copyOf(merged.values()));
  }

  private record Key(int kind, String id) {}

  private static <T extends Message> void merge(
      Map<Key, StoreAction> merged, StoreAction action, Kind<T> kind) {
    Key key = new Key(kind.ordinal(), kind.id(kind.object(action)));
    StoreAction former = merged.get(key);
    boolean made =
        former != null
            && (former.getAction() == StoreActionKind.STORE_ACTION_CREATE
                || former.getAction() == StoreActionKind.UNKNOWN);
    merged.put(key, made ? sinceMade(action) : action);
  }

  /** An action on an object that these changes have made themselves. */
  private static StoreAction sinceMade(StoreAction action) {
    StoreActionKind kind =
        action.getAction() == StoreActionKind.STORE_ACTION_REMOVE
            ? StoreActionKind.UNKNOWN
            : StoreActionKind.STORE_ACTION_CREATE;
    return action.getAction() == kind ? action : action.toBuilder().setAction(kind).build();
  }

  /** The form in which the log carries them; {@code id} names the request for the proposer. */
  public InternalRaftRequest toRequest(long id) {
    return InternalRaftRequest.newBuilder().setId(id).addAllAction(actions).build();
  }

  /** The changes that a log entry carries. */
  public static Changes of(InternalRaftRequest request) {
    return new Changes(request.getActionList());
  }
}
