package dev.hanse.runtime.confinement;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.Programs;
import dev.hanse.text.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The kernel's AppArmor as far as containers need it: whether it is in use, and the profile {@link
 * AppArmorProfile#NAME} in it. Upgrades of the host's policies may throw the profile out at any
 * time, so it is looked for whenever a process is started. Blocks; safe for use by many threads.
 */
public final class AppArmor {
  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final long PARSER_SECONDS_MAX = 60;

  /** A profile's name as the kernel shows it; what else it may be is not put into a text. */
  private static final Form PLAIN_NAME = Form.of("[A-Za-z0-9/._+:-]+", 200);

  /** Where the kernel and the host's policies are found. */
  record Places(Path parameter, Path securityFiles, Path ownLabel, Path policies) {
    static final Places HOST =
        new Places(
            Path.of("/sys/module/apparmor/parameters/enabled"),
            Path.of("/sys/kernel/security/apparmor"),
            Path.of("/proc/self/attr/current"),
            Path.of("/etc/apparmor.d"));
  }

  /** Whether containers can be confined. */
  enum Use {
    /** The kernel has none, or it is switched off. */
    ABSENT,
    /** It is on, but its files are not mounted: neither we nor runc can speak to it. */
    UNREACHABLE,
    /** It is on, but nothing can load the profile and it is not there. */
    NO_PARSER,
    /** Containers run under the profile. */
    READY
  }

  private final Places places;
  private final Optional<Path> parser;
  private final Use use;
  private final ReentrantLock loading = new ReentrantLock();

  AppArmor(Places places, Optional<Path> parser) {
    this.places = places;
    this.parser = parser;
    this.use = look();
  }

  /** This host's; reads a few small files. */
  public static AppArmor ofHost() {
    return new AppArmor(Places.HOST, Programs.find("apparmor_parser"));
  }

  private Use look() {
    if (!text(places.parameter()).startsWith("Y")) {
      return Use.ABSENT;
    }
    if (!Files.isDirectory(places.securityFiles())) {
      return Use.UNREACHABLE;
    }
    return parser.isPresent() || isLoaded() ? Use.READY : Use.NO_PARSER;
  }

  Use use() {
    return use;
  }

  /** Whether containers get a profile. */
  public boolean isReady() {
    return use == Use.READY;
  }

  /** What keeps containers from being confined although the kernel could. */
  public Optional<String> warning() {
    return switch (use) {
      case ABSENT, READY -> Optional.empty();
      case UNREACHABLE ->
          Optional.of(
              "AppArmor is enabled in the kernel but /sys/kernel/security is not mounted:"
                  + " containers run without a profile");
      case NO_PARSER ->
          Optional.of(
              "AppArmor is enabled in the kernel but apparmor_parser is not installed (on Debian:"
                  + " apt-get install apparmor): containers run without a profile");
    };
  }

  /**
   * Loads the profile anew, for the text may be newer than what an earlier version of this program
   * has loaded; an administrator's own below /etc/apparmor.d is left in place.
   *
   * @throws RuntimeFault START_FAILED with the parser's words
   */
  public void install() {
    loading.lock();
    try {
      boolean foreign = Files.exists(places.policies().resolve(AppArmorProfile.NAME));
      if (isReady() && parser.isPresent() && !(foreign && isLoaded())) {
        load(parser.get());
      }
    } finally {
      loading.unlock();
    }
  }

  /**
   * Loads the profile if the kernel does not have it. Does nothing where there is no AppArmor.
   *
   * @throws RuntimeFault START_FAILED if it cannot be had: nothing is started without it
   */
  public void ensureLoaded() {
    if (!isReady()) {
      return;
    }
    loading.lock();
    try {
      if (isLoaded()) {
        return;
      }
      load(parser.orElseThrow(() -> notLoaded("apparmor_parser is not installed")));
    } finally {
      loading.unlock();
    }
  }

  /** Each line of the kernel's list is {@code name (mode)}. */
  private boolean isLoaded() {
    return text(places.securityFiles().resolve("profiles"))
        .lines()
        .anyMatch(line -> line.startsWith(AppArmorProfile.NAME + " ("));
  }

  /** The profile goes in by the standard input: no file that somebody could change meanwhile. */
  private void load(Path program) {
    try {
      Path output = OwnFiles.temporaryFile("apparmor", ".out");
      try {
        Process process =
            new ProcessBuilder(program.toString(), "--skip-cache", "--replace")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (var input = process.getOutputStream()) {
          input.write(profile().getBytes(StandardCharsets.UTF_8));
        } catch (IOException ended) {
          // It did not want to read: its status says why.
        }
        if (!process.waitFor(PARSER_SECONDS_MAX, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw notLoaded("apparmor_parser does not end");
        }
        if (process.exitValue() != 0) {
          throw notLoaded(firstBytes(output).strip());
        }
      } finally {
        Files.delete(output);
      }
    } catch (IOException failure) {
      throw notLoaded(String.valueOf(failure.getMessage()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw notLoaded("interrupted");
    }
  }

  private static String firstBytes(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(OUTPUT_BYTES_MAX), StandardCharsets.UTF_8);
    }
  }

  private String profile() {
    String label = text(places.ownLabel());
    int mode = label.indexOf(" (");
    String own = (mode < 0 ? label : label.substring(0, mode)).replace("\0", "").strip();
    return AppArmorProfile.text(
        PLAIN_NAME.fits(own) ? own : AppArmorProfile.UNCONFINED,
        Files.exists(places.policies().resolve("abi/3.0")));
  }

  /** Docker's words, with our profile. */
  private static RuntimeFault notLoaded(String reason) {
    return new RuntimeFault(
        RuntimeFault.Kind.START_FAILED,
        "AppArmor enabled on system but the "
            + AppArmorProfile.NAME
            + " profile could not be loaded: "
            + reason);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException absent) {
      return "";
    }
  }
}
