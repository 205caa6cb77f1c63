package dev.hanse.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A file system of the statically linked busybox of the distribution. */
public final class BusyboxRootfs {
  private static final List<String> APPLETS =
      List.of(
          "sh",
          "cat",
          "echo",
          "id",
          "pwd",
          "env",
          "ls",
          "sleep",
          "grep",
          "mount",
          "hostname",
          "touch",
          "stty",
          "dd",
          "head",
          "tail",
          "yes",
          "true",
          "false",
          "mkdir",
          "unshare",
          "ps",
          "kill",
          "stat",
          "date",
          "tr",
          "df",
          "httpd",
          "nc",
          "ip",
          "wc",
          "mknod",
          "chmod");
  private static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/sh
      nobody:x:65534:65534:nobody:/:/bin/false
      web:x:1000:1001:web:/home/web:/bin/sh
      """;
  private static final String GROUP =
      """
      root:x:0:
      wheel:x:10:root
      web:x:1001:
      logs:x:2000:web
      """;

  private BusyboxRootfs() {}

  /** The whole file system as a tar. */
  public static byte[] tar() {
    return tar(true);
  }

  /** A tar of the file system; without programs it is an upper layer. */
  public static byte[] tar(boolean programs) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (String directory :
          List.of("bin/", "etc/", "proc/", "sys/", "dev/", "tmp/", "root/", "var/")) {
        TarArchiveEntry entry = new TarArchiveEntry(directory);
        entry.setMode(directory.equals("tmp/") ? 041777 : 040755);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
      }
      if (programs) {
        put(tar, "bin/busybox", Files.readAllBytes(Path.of("/bin/busybox")), 0100755);
        for (String applet : APPLETS) {
          var link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
          link.setLinkName("busybox");
          link.setModTime(0);
          tar.putArchiveEntry(link);
          tar.closeArchiveEntry();
        }
      }
      put(tar, "etc/passwd", PASSWD.getBytes(StandardCharsets.UTF_8), 0100644);
      put(tar, "etc/group", GROUP.getBytes(StandardCharsets.UTF_8), 0100644);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return bytes.toByteArray();
  }

  /** Adds one file to a tar. */
  public static void put(TarArchiveOutputStream tar, String name, byte[] content, int mode)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    entry.setMode(mode);
    entry.setModTime(0);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
