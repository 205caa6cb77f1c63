package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.model.Annotations;
import dev.hanse.model.Driver;
import dev.hanse.model.IPAMOptions;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkSpec;
import java.util.List;

/**
 * The networks that every swarm has from the start: the routing mesh, and stand-ins for the node's
 * own "host" and "bridge" so that services may ask for them.
 */
final class PredefinedNetworks {
  /** Marks the stand-ins; users may not set it. */
  static final String LABEL = "com.docker.swarm.predefined";

  private PredefinedNetworks() {}

  static List<Network> create(Context context) {
    return List.of(ingress(context), standIn(context, "bridge"), standIn(context, "host"));
  }

  private static Network ingress(Context context) {
    Annotations.Builder annotations = Annotations.newBuilder().setName("ingress");
    return Network.newBuilder()
        .setId(context.newId())
        .setSpec(
            NetworkSpec.newBuilder()
                .setIngress(true)
                .setAnnotations(annotations)
                .setDriverConfig(Driver.newBuilder().setName("overlay"))
                .setIpam(
                    IPAMOptions.newBuilder().setDriver(Driver.newBuilder().setName("default"))))
        .build();
  }

  private static Network standIn(Context context, String name) {
    return Network.newBuilder()
        .setId(context.newId())
        .setSpec(
            NetworkSpec.newBuilder()
                .setAnnotations(Annotations.newBuilder().setName(name).putLabels(LABEL, "true"))
                .setDriverConfig(Driver.newBuilder().setName(name)))
        .build();
  }
}
