package dev.hanse.runtime.images;

import dev.hanse.runtime.RuntimeSettings;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Lease;
import java.util.Optional;

/** Pulls. */
@SuppressWarnings("DoNotCallSuggester")
final class Puller {
  Puller(ContainerdClient client, Platform platform, RuntimeSettings settings) {}

  record Pulled(StoredImage image, String digest) {}

  Pulled pull(
      Lease lease,
      Reference reference,
      Optional<RegistryCredentials> credentials,
      ImageProgress.Listener progress) {
    throw new UnsupportedOperationException();
  }

  String remoteDigest(Reference reference, Optional<RegistryCredentials> credentials) {
    throw new UnsupportedOperationException();
  }
}
