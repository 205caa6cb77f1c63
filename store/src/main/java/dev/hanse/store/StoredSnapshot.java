package dev.hanse.store;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.hanse.model.StoreSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * A snapshot as bytes: one {@code docker.swarmkit.v1.StoreSnapshot} message, so that what Docker
 * wrote can be read and the other way round. Written object by object: no second copy of the state
 * in memory.
 */
public final class StoredSnapshot {
  /** The largest stored snapshot that is read back, in bytes. */
  public static final int BYTES_MAX = 1 << 30;

  private StoredSnapshot() {}

  /** Writes the objects; the caller keeps {@link Snapshot#index()} beside them. */
  public static void save(Snapshot snapshot, OutputStream out) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    for (Kind<?> kind : Kind.ALL) {
      for (Message object : snapshot.all(kind)) {
        coded.writeMessage(fieldOf(kind), object);
      }
    }
    coded.flush();
  }

  /** How many bytes {@link #save} will write. */
  public static long bytes(Snapshot snapshot) {
    long bytes = 0;
    for (Kind<?> kind : Kind.ALL) {
      int field = fieldOf(kind);
      for (Message object : snapshot.all(kind)) {
        bytes += CodedOutputStream.computeMessageSize(field, object);
      }
    }
    return bytes;
  }

  /** Reads what {@link #save} wrote, as the state at {@code logIndex}. */
  public static Snapshot restore(InputStream in, long logIndex) throws IOException {
    CodedInputStream coded = CodedInputStream.newInstance(in);
    coded.setSizeLimit(BYTES_MAX);
    return of(StoreSnapshot.parseFrom(coded), logIndex);
  }

  /** The state that a message describes; versions are kept as they are. */
  public static Snapshot of(StoreSnapshot message, long logIndex) {
    Snapshot snapshot = Snapshot.empty();
    snapshot = addAll(snapshot, Kind.NODE, message.getNodesList());
    snapshot = addAll(snapshot, Kind.SERVICE, message.getServicesList());
    snapshot = addAll(snapshot, Kind.NETWORK, message.getNetworksList());
    snapshot = addAll(snapshot, Kind.TASK, message.getTasksList());
    snapshot = addAll(snapshot, Kind.CLUSTER, message.getClustersList());
    snapshot = addAll(snapshot, Kind.SECRET, message.getSecretsList());
    snapshot = addAll(snapshot, Kind.RESOURCE, message.getResourcesList());
    snapshot = addAll(snapshot, Kind.EXTENSION, message.getExtensionsList());
    snapshot = addAll(snapshot, Kind.CONFIG, message.getConfigsList());
    snapshot = addAll(snapshot, Kind.VOLUME, message.getVolumesList());
    return snapshot.at(logIndex);
  }

  private static <T extends Message> Snapshot addAll(
      Snapshot snapshot, Kind<T> kind, List<T> objects) {
    Snapshot result = snapshot;
    for (T object : objects) {
      result = result.with(kind, object);
    }
    return result;
  }

  private static int fieldOf(Kind<?> kind) {
    String field = kind + "s";
    return StoreSnapshot.getDescriptor().findFieldByName(field).getNumber();
  }
}
