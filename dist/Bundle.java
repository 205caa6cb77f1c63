import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Puts many jars into one: {@code java Bundle.java JARS OUT}.
 *
 * <p>A program of one jar starts about 100 ms sooner than one of sixty, and classes of signed jars
 * are not taken into the ahead-of-time cache. As on a class path the first jar in the order of names
 * wins; classes made for newer Java versions replace their older forms; service files are joined;
 * licences and notices are kept below {@code META-INF/licenses/JAR}. The result depends on the
 * contents alone.
 */
final class Bundle {
  private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/(\\d+)/(.+)");
  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
  private static final Pattern LICENCE =
      Pattern.compile("(META-INF/)?(LICEN[SC]E|NOTICE|DEPENDENCIES|COPYRIGHT)[^/]*");
  private static final String SERVICES = "META-INF/services/";

  /** In the order of names, so that the same contents give the same file. */
  private final Map<String, byte[]> entries = new TreeMap<>();

  public static void main(String[] arguments) throws IOException {
    Bundle bundle = new Bundle();
    try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
        bundle.add(jar);
      }
    }
    bundle.write(Path.of(arguments[1]));
  }

  private void add(Path path) throws IOException {
    Map<String, byte[]> own = new TreeMap<>();
    Map<String, Integer> versions = new TreeMap<>();
    try (JarFile jar = new JarFile(path.toFile(), false)) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        if (entry.isDirectory() || dropped(entry.getName())) {
          continue;
        }
        Matcher versioned = VERSIONED.matcher(entry.getName());
        boolean newer = versioned.matches();
        String name = newer ? versioned.group(2) : entry.getName();
        int version = newer ? Integer.parseInt(versioned.group(1)) : 0;
        if (version <= Runtime.version().feature() && version >= versions.getOrDefault(name, 0)) {
          versions.put(name, version);
          own.put(name, jar.getInputStream(entry).readAllBytes());
        }
      }
    }
    own.forEach((name, bytes) -> merge(path.getFileName().toString(), name, bytes));
  }

  private void merge(String jar, String name, byte[] bytes) {
    if (name.startsWith(SERVICES)) {
      entries.merge(name, withLineEnd(bytes), Bundle::joined);
    } else if (LICENCE.matcher(name).matches()) {
      entries.put("META-INF/licenses/" + jar + "/" + name.replaceFirst("META-INF/", ""), bytes);
    } else {
      entries.putIfAbsent(name, bytes);
    }
  }

  /** Signatures of jars that are no more, descriptions of modules, and what only Maven reads. */
  private static boolean dropped(String name) {
    return name.equals(JarFile.MANIFEST_NAME)
        || name.endsWith("module-info.class")
        || name.equals("META-INF/INDEX.LIST")
        || name.startsWith("META-INF/maven/")
        || SIGNATURE.matcher(name).matches();
  }

  private static byte[] withLineEnd(byte[] text) {
    return (new String(text, StandardCharsets.UTF_8).strip() + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }

  private void write(Path target) throws IOException {
    try (OutputStream file = Files.newOutputStream(target);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      put(zip, JarFile.MANIFEST_NAME, "Manifest-Version: 1.0\n".getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        put(zip, entry.getKey(), entry.getValue());
      }
    }
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(java.time.LocalDateTime.of(2000, 1, 1, 0, 0));
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
