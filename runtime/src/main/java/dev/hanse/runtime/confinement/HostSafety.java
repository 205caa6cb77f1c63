package dev.hanse.runtime.confinement;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.confinement.KnownEscapes.Hole;
import dev.hanse.runtime.confinement.KnownEscapes.Program;
import dev.hanse.runtime.containerd.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How safely this host holds containers: what is warned of at the start and shown by {@code docker
 * info}. Nothing here keeps the daemon from starting.
 */
public final class HostSafety {
  private static final Logger LOG = LoggerFactory.getLogger(HostSafety.class);

  private final AppArmor appArmor;
  private final Supplier<String> containerdVersion;
  private final PackageChanges changes;
  private final AskedVersion runc = new AskedVersion();

  /**
   * Looks at nothing yet.
   *
   * @param containerdVersion asks the containerd in use
   */
  public HostSafety(AppArmor appArmor, Supplier<String> containerdVersion) {
    this(appArmor, containerdVersion, PackageChanges.ofHost());
  }

  HostSafety(AppArmor appArmor, Supplier<String> containerdVersion, PackageChanges changes) {
    this.appArmor = appArmor;
    this.containerdVersion = containerdVersion;
    this.changes = changes;
  }

  /** Loads the profile and says in the log what is wrong, beside the daemon's start. */
  public void begin() {
    Thread.ofVirtual().name("host safety").start(this::prepare);
  }

  private void prepare() {
    try {
      appArmor.install();
    } catch (RuntimeFault fault) {
      LOG.warn("{}; containers that need it are refused", fault.getMessage());
    }
    try {
      warnings().forEach(LOG::warn);
    } catch (RuntimeFault fault) {
      LOG.warn("looking for known holes in runc and containerd", fault);
    }
  }

  /** The {@code SecurityOptions} of {@code docker info} that this class knows of. */
  public boolean appArmor() {
    return appArmor.isReady();
  }

  /** Complete sentences for people. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    appArmor.warning().ifPresent(warnings::add);
    warning(Program.RUNC, runcVersion()).ifPresent(warnings::add);
    warning(Program.CONTAINERD, containerdVersion.get()).ifPresent(warnings::add);
    return warnings;
  }

  private Optional<String> warning(Program program, String text) {
    Optional<ProgramVersion> version = ProgramVersion.of(text);
    if (version.isEmpty()) {
      return Optional.empty();
    }
    Set<String> mended =
        Programs.find(program.command())
            .map(file -> changes.mended(file, KnownEscapes.names()))
            .orElse(Set.of());
    List<Hole> holes = KnownEscapes.of(program, version.get(), mended);
    return holes.isEmpty() ? Optional.empty() : Optional.of(sentence(program, text, holes));
  }

  private static String sentence(Program program, String version, List<Hole> holes) {
    return "%s %s has known security holes (%s); the least versions without them are %s"
        .formatted(
            program.command(),
            version,
            holes.stream().map(Hole::name).collect(Collectors.joining(", ")),
            KnownEscapes.least(program).stream()
                .map(ProgramVersion::toString)
                .collect(Collectors.joining(", ")));
  }

  /**
   * Version of runc, for example {@code 1.1.5+ds1}.
   *
   * @throws RuntimeFault NOT_INSTALLED
   */
  public String runcVersion() {
    Path program =
        Programs.find(Program.RUNC.command())
            .orElseThrow(
                () -> new RuntimeFault(RuntimeFault.Kind.NOT_INSTALLED, "runc is not installed"));
    return runc.of(program);
  }
}
