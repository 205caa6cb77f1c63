package dev.hanse.node.snapshot;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.StoreSnapshot;
import dev.hanse.store.StoredSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a saved state holds, counted as it is read: nothing of it is kept.
 *
 * @param counts by kind, in the plural: "nodes", "services"; kinds without objects are there with 0
 * @param managers names of the manager nodes
 */
record Contents(Map<String, Integer> counts, List<String> managers) {
  Contents {
    counts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    managers = List.copyOf(managers);
  }

  /** Reads to the end of the state. */
  static Contents of(InputStream state) throws IOException {
    Map<String, Integer> counts = new LinkedHashMap<>();
    List<FieldDescriptor> kinds = StoreSnapshot.getDescriptor().getFields();
    kinds.forEach(kind -> counts.put(kind.getName(), 0));
    List<String> managers = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(state);
    in.setSizeLimit(StoredSnapshot.BYTES_MAX);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int number = WireFormat.getTagFieldNumber(tag);
      FieldDescriptor kind = StoreSnapshot.getDescriptor().findFieldByNumber(number);
      if (kind != null) {
        counts.merge(kind.getName(), 1, Integer::sum);
      }
      if (number == StoreSnapshot.NODES_FIELD_NUMBER) {
        Node.Builder node = Node.newBuilder();
        in.readMessage(node, ExtensionRegistryLite.getEmptyRegistry());
        if (node.getRole() == NodeRole.MANAGER) {
          managers.add(name(node));
        }
      } else {
        in.skipField(tag);
      }
    }
    return new Contents(counts, managers);
  }

  private static String name(Node.Builder node) {
    String hostname = node.getDescription().getHostname();
    return hostname.isEmpty() ? node.getId() : hostname;
  }

  /** One line: "3 nodes, 12 services", without what there is none of. */
  String summary() {
    List<String> parts = new ArrayList<>();
    counts.forEach(
        (kind, count) -> {
          if (count > 0 && !kind.equals("clusters")) {
            parts.add(count + " " + (count == 1 ? kind.substring(0, kind.length() - 1) : kind));
          }
        });
    return String.join(", ", parts);
  }
}
