package dev.hanse.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.containerd.ContentStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A two-layer image made by hand: busybox, and above it a file and a whiteout. */
public final class SampleImage {
  public static final ObjectMapper JSON = new ObjectMapper();

  private SampleImage() {}

  public static byte[] lower() {
    return BusyboxRootfs.tar();
  }

  public static byte[] upper(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      BusyboxRootfs.put(tar, "greeting", text.getBytes(StandardCharsets.UTF_8), 0100644);
      BusyboxRootfs.put(tar, "bin/.wh.httpd", new byte[0], 0100644);
    }
    return bytes.toByteArray();
  }

  public static byte[] gzip(byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }

  public static ObjectNode config(List<byte[]> plainLayers) {
    ObjectNode root =
        JSON.createObjectNode()
            .put("architecture", "amd64")
            .put("os", "linux")
            .put("created", "2024-05-06T07:08:09.123456789Z")
            .put("author", "the test");
    ObjectNode config = root.putObject("config");
    config.putArray("Env").add("GREETING=hello");
    config.putArray("Entrypoint").add("cat");
    config.putArray("Cmd").add("/greeting");
    config.put("WorkingDir", "/tmp");
    config.put("StopSignal", "SIGQUIT");
    config.putObject("ExposedPorts").putObject("80/tcp");
    config.putObject("Volumes").putObject("/data");
    config.putObject("Labels").put("maintainer", "nobody");
    config
        .putObject("Healthcheck")
        .put("Interval", 30_000_000_000L)
        .put("Retries", 3)
        .putArray("Test")
        .add("CMD-SHELL")
        .add("true");
    var layers = root.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    plainLayers.forEach(layer -> layers.add(ContentStore.digest(layer)));
    var history = root.putArray("history");
    history.addObject().put("created_by", "ADD busybox").put("created", "2024-05-06T07:08:00Z");
    history.addObject().put("created_by", "ENV GREETING=hello").put("empty_layer", true);
    history.addObject().put("created_by", "COPY greeting /").put("comment", "last");
    return root;
  }
}
