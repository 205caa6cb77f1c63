package dev.hanse.runtime.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.containerd.types.Descriptor;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.text.Form;

/** What a manifest says of one blob. */
public record BlobDescriptor(String mediaType, String digest, long sizeBytes) {
  private static final Form DIGEST = Form.of("sha256:[0-9a-f]{64}", 71);
  private static final int SHORT_ID_DIGITS = 12;

  /** Reads a descriptor of a manifest. */
  public static BlobDescriptor read(JsonNode node) {
    String digest = node.path("digest").asText("");
    long size = node.path("size").asLong(-1);
    if (!DIGEST.fits(digest) || size < 0) {
      throw new RuntimeFault(
          RuntimeFault.Kind.BAD_IMAGE, "manifest has an invalid descriptor: " + node);
    }
    return new BlobDescriptor(node.path("mediaType").asText(""), digest, size);
  }

  /** Whether the text is a SHA-256 digest. */
  public static boolean isDigest(String text) {
    return DIGEST.fits(text);
  }

  /** As it stands in a manifest. */
  public ObjectNode write() {
    return Documents.object()
        .put("mediaType", mediaType)
        .put("size", sizeBytes)
        .put("digest", digest);
  }

  Descriptor message() {
    return Descriptor.newBuilder()
        .setMediaType(mediaType)
        .setDigest(digest)
        .setSize(sizeBytes)
        .build();
  }

  /** The twelve digits by which Docker's progress names a layer. */
  public String shortId() {
    return digest.substring("sha256:".length(), "sha256:".length() + SHORT_ID_DIGITS);
  }
}
