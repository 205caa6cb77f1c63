package dev.hanse.store;

import dev.hanse.model.InternalRaftRequest;
import dev.hanse.model.StoreAction;
import java.util.ArrayList;
import java.util.List;

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

  /** These changes followed by others. */
  public Changes then(Changes later) {
    if (later.isEmpty()) {
      return this;
    }
    List<StoreAction> both = new ArrayList<>(actions);
    both.addAll(later.actions);
    return new Changes(both);
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
