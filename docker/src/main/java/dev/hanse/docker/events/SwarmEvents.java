package dev.hanse.docker.events;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.hanse.docker.events.Event.Scope;
import dev.hanse.docker.json.NodeJson;
import dev.hanse.model.Config;
import dev.hanse.model.Meta;
import dev.hanse.model.Network;
import dev.hanse.model.Node;
import dev.hanse.model.Secret;
import dev.hanse.model.Service;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Makes events of what is committed to the swarm's state, as Docker's managers do. */
public final class SwarmEvents implements Store.Listener {
  private final EventHub hub;

  public SwarmEvents(EventHub hub) {
    this.hub = hub;
  }

  @Override
  public void changed(Snapshot before, Snapshot after, Changes changes) {
    for (StoreAction action : changes.actions()) {
      switch (action.getTargetCase()) {
        case NODE ->
            publish(before, after, action, Kind.NODE, action.getNode(), SwarmEvents::attributes);
        case SERVICE ->
            publish(
                before, after, action, Kind.SERVICE, action.getService(), SwarmEvents::attributes);
        case NETWORK ->
            publish(before, after, action, Kind.NETWORK, action.getNetwork(), SwarmEvents::named);
        case SECRET ->
            publish(before, after, action, Kind.SECRET, action.getSecret(), SwarmEvents::named);
        case CONFIG ->
            publish(before, after, action, Kind.CONFIG, action.getConfig(), SwarmEvents::named);
        case TASK, CLUSTER, RESOURCE, EXTENSION, VOLUME, TARGET_NOT_SET -> {}
      }
    }
  }

  private record Change<T>(T old, T now) {}

  private <T extends Message> void publish(
      Snapshot before,
      Snapshot after,
      StoreAction action,
      Kind<T> kind,
      T target,
      Function<Change<T>, Map<String, String>> attributes) {
    String id = kind.id(target);
    T old = before.find(kind, id).orElse(target);
    if (action.getAction() == StoreActionKind.STORE_ACTION_REMOVE) {
      Map<String, String> last = attributes.apply(new Change<>(old, old));
      hub.publish(new Event(kind.toString(), "remove", id, last, Scope.SWARM, Instant.now()));
      return;
    }
    boolean isNew = before.find(kind, id).isEmpty();
    T now = after.find(kind, id).orElse(target);
    Meta meta = kind.meta(now);
    Timestamp time = isNew ? meta.getCreatedAt() : meta.getUpdatedAt();
    hub.publish(
        new Event(
            kind.toString(),
            isNew ? "create" : "update",
            id,
            attributes.apply(new Change<>(isNew ? now : old, now)),
            Scope.SWARM,
            Instant.ofEpochSecond(time.getSeconds(), time.getNanos())));
  }

  private static Map<String, String> named(Change<? extends Message> change) {
    return Map.of(
        "name",
        switch (change.now()) {
          case Network network -> network.getSpec().getAnnotations().getName();
          case Secret secret -> secret.getSpec().getAnnotations().getName();
          case Config config -> config.getSpec().getAnnotations().getName();
          default -> throw new IllegalStateException("not an object with a name");
        });
  }

  private static Map<String, String> attributes(Change<?> change) {
    return switch (change) {
      case Change<?>(Node old, Node now) -> node(old, now);
      case Change<?>(Service old, Service now) -> service(old, now);
      default -> throw new IllegalStateException("neither node nor service");
    };
  }

  private static Map<String, String> node(Node old, Node now) {
    Map<String, String> attributes = new LinkedHashMap<>();
    String name = now.getSpec().getAnnotations().getName();
    attributes.put("name", name.isEmpty() ? now.getDescription().getHostname() : name);
    difference(
        attributes,
        "availability",
        lower(old.getSpec().getAvailability()),
        lower(now.getSpec().getAvailability()));
    difference(attributes, "role", lower(old.getRole()), lower(now.getRole()));
    difference(
        attributes, "state", NodeJson.state(old.getStatus()), NodeJson.state(now.getStatus()));
    if (old.hasManagerStatus() && now.hasManagerStatus()) {
      difference(
          attributes,
          "leader",
          Boolean.toString(old.getManagerStatus().getLeader()),
          Boolean.toString(now.getManagerStatus().getLeader()));
      difference(
          attributes,
          "reachability",
          lower(old.getManagerStatus().getReachability()),
          lower(now.getManagerStatus().getReachability()));
    }
    return attributes;
  }

  private static Map<String, String> service(Service old, Service now) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("name", now.getSpec().getAnnotations().getName());
    difference(
        attributes,
        "image",
        old.getSpec().getTask().getContainer().getImage(),
        now.getSpec().getTask().getContainer().getImage());
    difference(
        attributes,
        "replicas",
        Long.toUnsignedString(old.getSpec().getReplicated().getReplicas()),
        Long.toUnsignedString(now.getSpec().getReplicated().getReplicas()));
    if (now.hasUpdateStatus() && !old.hasUpdateStatus()) {
      attributes.put("updatestate.new", lower(now.getUpdateStatus().getState()));
    } else {
      difference(
          attributes,
          "updatestate",
          lower(old.getUpdateStatus().getState()),
          lower(now.getUpdateStatus().getState()));
    }
    return attributes;
  }

  private static void difference(
      Map<String, String> attributes, String name, String old, String now) {
    if (!old.equals(now)) {
      attributes.put(name + ".old", old);
      attributes.put(name + ".new", now);
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
