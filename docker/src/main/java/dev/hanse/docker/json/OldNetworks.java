package dev.hanse.docker.json;

import dev.hanse.docker.field.Fields;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.ServiceSpec;
import java.util.List;

/** {@code ServiceSpec.Networks}, where API versions before 1.44 let clients name networks. */
final class OldNetworks {
  private OldNetworks() {}

  @SuppressWarnings("deprecation") // read for services made long ago, never written
  static List<NetworkAttachmentConfig> of(ServiceSpec spec) {
    return spec.getNetworksList();
  }

  static List<NetworkAttachmentConfig> of(Fields spec) {
    return spec.objects("Networks").stream().map(TaskSpecJson.NETWORK::read).toList();
  }
}
