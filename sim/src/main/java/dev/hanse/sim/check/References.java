package dev.hanse.sim.check;

import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Service;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;

/** What a service refers to exists: secrets, configs and networks in use cannot be removed. */
final class References {
  private References() {}

  static void check(Snapshot snapshot) {
    for (Service service : snapshot.all(Kind.SERVICE)) {
      ContainerSpec container = service.getSpec().getTask().getContainer();
      for (SecretReference reference : container.getSecretsList()) {
        exists(snapshot, Kind.SECRET, reference.getSecretId(), service);
      }
      for (ConfigReference reference : container.getConfigsList()) {
        exists(snapshot, Kind.CONFIG, reference.getConfigId(), service);
      }
      for (NetworkAttachmentConfig attachment : service.getSpec().getTask().getNetworksList()) {
        exists(snapshot, Kind.NETWORK, attachment.getTarget(), service);
      }
    }
  }

  private static void exists(Snapshot snapshot, Kind<?> kind, String id, Service service) {
    Violation.unless(
        snapshot.find(kind, id).isPresent(),
        "service %s uses the %s %s, which does not exist",
        service.getId(),
        kind,
        id);
  }
}
