package dev.hanse.node.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, from the resource that the build fills in. */
public final class Version {

  /** The program's version. */
  public static final String PROGRAM = load();

  private static String load() {
    try (InputStream stream = Version.class.getResourceAsStream("version.properties")) {
      if (stream == null) {
        throw new IllegalStateException("version.properties is missing from the node module");
      }
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version");
    } catch (IOException fault) {
      throw new UncheckedIOException("read version.properties", fault);
    }
  }
}
