package dev.hanse.kernel.namespace;

import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Kernel settings under {@code /proc/sys} as seen inside a network namespace. Keys are written as
 * sysctl(8) does, {@code net.ipv4.ip_forward}; a key with a slash is taken as a path, for interface
 * names that contain a dot: {@code net/ipv4/conf/eth0.5/rp_filter}.
 *
 * @param namespace where to read and write
 */
public record Sysctl(NetworkNamespace namespace) {
  private static final int VALUE_BYTES_MAX = 4096;
  private static final Path ROOT = Path.of("/proc/sys");

  /**
   * The value, without the trailing newline.
   *
   * @throws IOException if there is no such setting
   */
  public String read(String key) throws IOException {
    Path file = file(key);
    ByteBuffer value = ByteBuffer.allocate(VALUE_BYTES_MAX);
    namespace.call(
        () -> {
          // One read: the kernel answers nothing at any place but the beginning.
          try (FileChannel channel = OwnFiles.existing(file, StandardOpenOption.READ)) {
            return channel.read(value);
          }
        });
    return StandardCharsets.UTF_8.decode(value.flip()).toString().strip();
  }

  /**
   * Sets the value.
   *
   * @throws IOException if there is no such setting, or the kernel refuses the value
   */
  public void write(String key, String value) throws IOException {
    Path file = file(key);
    namespace.call(
        () -> {
          OwnFiles.overwrite(file, value);
          return file;
        });
  }

  /**
   * The names directly below a key, such as the interfaces of {@code net.ipv4.conf}.
   *
   * @throws IOException if there is no such directory
   */
  public List<String> list(String key) throws IOException {
    Path directory = file(key);
    return namespace.call(
        () -> {
          try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
          }
        });
  }

  private static Path file(String key) {
    Path file = ROOT.resolve(key.indexOf('/') >= 0 ? key : key.replace('.', '/')).normalize();
    if (!file.startsWith(ROOT) || file.equals(ROOT)) {
      throw new IllegalArgumentException("not a sysctl key: " + key);
    }
    return file;
  }
}
