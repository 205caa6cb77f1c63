package dev.hanse.runtime.content;

import java.util.List;

/** Media types of manifests and layers. Sources: distribution's and OCI's image specifications. */
public final class MediaTypes {
  /** Docker's manifest of one platform. */
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";

  /** Docker's list of manifests, one for each platform. */
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  /** Docker's configuration of an image. */
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

  static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
  static final String DOCKER_LAYER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  /** OCI's index of manifests. */
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

  static final String OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

  /** What we can read, in the order of preference. */
  public static final List<String> ACCEPTED =
      List.of(DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX);

  private MediaTypes() {}

  /** Whether it names one manifest for each platform. */
  public static boolean isIndex(String mediaType) {
    return mediaType.equals(DOCKER_LIST) || mediaType.equals(OCI_INDEX);
  }

  /** The media type of a layer file by its first bytes. */
  public static String layerType(byte[] start) {
    if (start.length >= 2 && (start[0] & 0xff) == 0x1f && (start[1] & 0xff) == 0x8b) {
      return DOCKER_LAYER_GZIP;
    }
    if (start.length >= 4
        && (start[0] & 0xff) == 0x28
        && (start[1] & 0xff) == 0xb5
        && (start[2] & 0xff) == 0x2f
        && (start[3] & 0xff) == 0xfd) {
      return OCI_LAYER_ZSTD;
    }
    return DOCKER_LAYER;
  }
}
