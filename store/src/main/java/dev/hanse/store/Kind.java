package dev.hanse.store;

import com.google.protobuf.Message;
import dev.hanse.model.Cluster;
import dev.hanse.model.Config;
import dev.hanse.model.Extension;
import dev.hanse.model.Meta;
import dev.hanse.model.Network;
import dev.hanse.model.Node;
import dev.hanse.model.Resource;
import dev.hanse.model.Secret;
import dev.hanse.model.Service;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.model.Volume;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A kind of object in the store: how its id, name and version are read and which indexes it has.
 */
public final class Kind<T extends Message> {
  /** Nodes; names (host names) need not be unique. */
  public static final Kind<Node> NODE =
      new Builder<Node>("node", 0)
          .id(Node::getId)
          .name(Kind::nodeName)
          .meta(Node::getMeta, (node, meta) -> node.toBuilder().setMeta(meta).build())
          .action(StoreAction::getNode, StoreAction.Builder::setNode)
          .blank(id -> Node.newBuilder().setId(id).build())
          .indexes(Index.ofNodes())
          .build();

  /** Services; names are unique. */
  public static final Kind<Service> SERVICE =
      new Builder<Service>("service", 1)
          .id(Service::getId)
          .name(service -> service.getSpec().getAnnotations().getName())
          .uniqueNames()
          .meta(Service::getMeta, (service, meta) -> service.toBuilder().setMeta(meta).build())
          .action(StoreAction::getService, StoreAction.Builder::setService)
          .blank(id -> Service.newBuilder().setId(id).build())
          .indexes(Index.ofServices())
          .build();

  /** Tasks; names need not be unique. */
  public static final Kind<Task> TASK =
      new Builder<Task>("task", 2)
          .id(Task::getId)
          .name(task -> task.getAnnotations().getName())
          .meta(Task::getMeta, (task, meta) -> task.toBuilder().setMeta(meta).build())
          .action(StoreAction::getTask, StoreAction.Builder::setTask)
          .blank(id -> Task.newBuilder().setId(id).build())
          .indexes(Index.ofTasks())
          .build();

  /** Networks; names are unique. */
  public static final Kind<Network> NETWORK =
      new Builder<Network>("network", 3)
          .id(Network::getId)
          .name(network -> network.getSpec().getAnnotations().getName())
          .uniqueNames()
          .meta(Network::getMeta, (network, meta) -> network.toBuilder().setMeta(meta).build())
          .action(StoreAction::getNetwork, StoreAction.Builder::setNetwork)
          .blank(id -> Network.newBuilder().setId(id).build())
          .indexes(Index.ofNetworks())
          .build();

  /** Clusters: there is one, named "default". */
  public static final Kind<Cluster> CLUSTER =
      new Builder<Cluster>("cluster", 4)
          .id(Cluster::getId)
          .name(cluster -> cluster.getSpec().getAnnotations().getName())
          .uniqueNames()
          .meta(Cluster::getMeta, (cluster, meta) -> cluster.toBuilder().setMeta(meta).build())
          .action(StoreAction::getCluster, StoreAction.Builder::setCluster)
          .blank(id -> Cluster.newBuilder().setId(id).build())
          .build();

  /** Secrets; names are unique. */
  public static final Kind<Secret> SECRET =
      new Builder<Secret>("secret", 5)
          .id(Secret::getId)
          .name(secret -> secret.getSpec().getAnnotations().getName())
          .uniqueNames()
          .meta(Secret::getMeta, (secret, meta) -> secret.toBuilder().setMeta(meta).build())
          .action(StoreAction::getSecret, StoreAction.Builder::setSecret)
          .blank(id -> Secret.newBuilder().setId(id).build())
          .build();

  /** Configs; names are unique. */
  public static final Kind<Config> CONFIG =
      new Builder<Config>("config", 6)
          .id(Config::getId)
          .name(config -> config.getSpec().getAnnotations().getName())
          .uniqueNames()
          .meta(Config::getMeta, (config, meta) -> config.toBuilder().setMeta(meta).build())
          .action(StoreAction::getConfig, StoreAction.Builder::setConfig)
          .blank(id -> Config.newBuilder().setId(id).build())
          .build();

  /** Cluster volumes; names are unique. */
  public static final Kind<Volume> VOLUME =
      new Builder<Volume>("volume", 7)
          .id(Volume::getId)
          .name(volume -> volume.getSpec().getAnnotations().getName())
          .uniqueNames()
          .meta(Volume::getMeta, (volume, meta) -> volume.toBuilder().setMeta(meta).build())
          .action(StoreAction::getVolume, StoreAction.Builder::setVolume)
          .blank(id -> Volume.newBuilder().setId(id).build())
          .build();

  /** Resources: objects of further kinds, each of which has names of its own. */
  public static final Kind<Resource> RESOURCE =
      new Builder<Resource>("resource", 8)
          .id(Resource::getId)
          .name(resource -> resourceName(resource.getKind(), resource.getAnnotations().getName()))
          .uniqueNames()
          .meta(Resource::getMeta, (resource, meta) -> resource.toBuilder().setMeta(meta).build())
          .action(StoreAction::getResource, StoreAction.Builder::setResource)
          .blank(id -> Resource.newBuilder().setId(id).build())
          .indexes(Index.ofResources())
          .build();

  /** Extensions: the kinds that resources may have; names are unique. */
  public static final Kind<Extension> EXTENSION =
      new Builder<Extension>("extension", 9)
          .id(Extension::getId)
          .name(extension -> extension.getAnnotations().getName())
          .uniqueNames()
          .meta(
              Extension::getMeta, (extension, meta) -> extension.toBuilder().setMeta(meta).build())
          .action(StoreAction::getExtension, StoreAction.Builder::setExtension)
          .blank(id -> Extension.newBuilder().setId(id).build())
          .build();

  /** Every kind, in the order of {@link #ordinal()}. */
  public static final List<Kind<?>> ALL =
      List.of(NODE, SERVICE, TASK, NETWORK, CLUSTER, SECRET, CONFIG, VOLUME, RESOURCE, EXTENSION);

  private final String word;
  private final int ordinal;
  private final Function<T, String> id;
  private final Function<T, String> name;
  private final boolean uniqueNames;
  private final Function<T, Meta> meta;
  private final BiFunction<T, Meta, T> withMeta;
  private final Function<StoreAction, T> fromAction;
  private final BiConsumer<StoreAction.Builder, T> intoAction;
  private final Function<String, T> blank;
  private final List<Index<T>> indexes;

  private Kind(Builder<T> builder) {
    this.word = builder.word;
    this.ordinal = builder.ordinal;
    this.id = builder.id;
    this.name = builder.name;
    this.uniqueNames = builder.uniqueNames;
    this.meta = builder.meta;
    this.withMeta = builder.withMeta;
    this.fromAction = builder.fromAction;
    this.intoAction = builder.intoAction;
    this.blank = builder.blank;
    this.indexes = builder.indexes;
  }

  /** The name by which a resource of some kind is found. */
  public static String resourceName(String kind, String name) {
    return kind + "/" + name;
  }

  /** The id of an object. */
  public String id(T object) {
    return id.apply(object);
  }

  /** The name that users see; empty for most tasks. */
  public String nameOf(T object) {
    return name.apply(object);
  }

  /** Version and times of an object. */
  public Meta meta(T object) {
    return meta.apply(object);
  }

  /** The same object with other version and times. */
  public T withMeta(T object, Meta meta) {
    return withMeta.apply(object, meta);
  }

  /** Whether two objects of this kind may not have the same name, upper and lower case aside. */
  public boolean uniqueNames() {
    return uniqueNames;
  }

  /** The change that creates or replaces {@code object}. */
  public StoreAction action(StoreActionKind what, T object) {
    StoreAction.Builder action = StoreAction.newBuilder().setAction(what);
    intoAction.accept(action, object);
    return action.build();
  }

  /** The change that removes the object with this id. */
  public StoreAction removal(String id) {
    return action(StoreActionKind.STORE_ACTION_REMOVE, blank.apply(id));
  }

  /** The object that an action of this kind carries. */
  public T object(StoreAction action) {
    return fromAction.apply(action);
  }

  /** The kind of object that an action puts or removes. */
  public static Kind<?> of(StoreAction action) {
    return switch (action.getTargetCase()) {
      case NODE -> NODE;
      case SERVICE -> SERVICE;
      case TASK -> TASK;
      case NETWORK -> NETWORK;
      case CLUSTER -> CLUSTER;
      case SECRET -> SECRET;
      case RESOURCE -> RESOURCE;
      case EXTENSION -> EXTENSION;
      case CONFIG -> CONFIG;
      case VOLUME -> VOLUME;
      case TARGET_NOT_SET -> throw new IllegalArgumentException("store action without a target");
    };
  }

  int ordinal() {
    return ordinal;
  }

  List<Index<T>> indexes() {
    return indexes;
  }

  /** The form under which names are compared. */
  static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** The kind's word as messages use it: "service", "network". */
  @Override
  public String toString() {
    return word;
  }

  private static String nodeName(Node node) {
    String name = node.getSpec().getAnnotations().getName();
    return name.isEmpty() ? node.getDescription().getHostname() : name;
  }

  private static final class Builder<T extends Message> {
    private final String word;
    private final int ordinal;
    private Function<T, String> id = object -> "";
    private Function<T, String> name = object -> "";
    private boolean uniqueNames;
    private Function<T, Meta> meta = object -> Meta.getDefaultInstance();
    private BiFunction<T, Meta, T> withMeta = (object, meta) -> object;
    private Function<StoreAction, T> fromAction = action -> missing();
    private BiConsumer<StoreAction.Builder, T> intoAction = (action, object) -> missing();
    private Function<String, T> blank = id -> missing();
    private List<Index<T>> indexes = List.of();

    Builder(String word, int ordinal) {
      this.word = word;
      this.ordinal = ordinal;
    }

    Builder<T> id(Function<T, String> id) {
      this.id = id;
      return this;
    }

    Builder<T> name(Function<T, String> name) {
      this.name = name;
      return this;
    }

    Builder<T> uniqueNames() {
      this.uniqueNames = true;
      return this;
    }

    Builder<T> meta(Function<T, Meta> meta, BiFunction<T, Meta, T> withMeta) {
      this.meta = meta;
      this.withMeta = withMeta;
      return this;
    }

    Builder<T> action(Function<StoreAction, T> from, BiConsumer<StoreAction.Builder, T> into) {
      this.fromAction = from;
      this.intoAction = into;
      return this;
    }

    Builder<T> blank(Function<String, T> blank) {
      this.blank = blank;
      return this;
    }

    Builder<T> indexes(List<Index<T>> indexes) {
      this.indexes = indexes;
      return this;
    }

    Kind<T> build() {
      return new Kind<>(this);
    }

    private T missing() {
      throw new IllegalStateException("kind " + word + " is incomplete");
    }
  }
}
