package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.spec.ContainerMount.Propagation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The {@code mounts} part of the specification: Docker's own mounts and the user's over them. */
final class MountSpec {
  private static final long SHM_BYTES = 64 << 20;

  private MountSpec() {}

  private record Entry(String target, String type, String source, List<String> options) {}

  /** Mount points of Docker's own mounts: nothing of the image is seen there. */
  static final Set<Path> OWN =
      own(true, SHM_BYTES).stream()
          .map(entry -> Path.of(entry.target()))
          .collect(Collectors.toUnmodifiableSet());

  /**
   * All of them.
   *
   * @param trees those that lie one in the other, shown to runc as one
   */
  static ArrayNode of(ContainerSettings settings, HostFacts facts, List<MountTree> trees) {
    boolean privileged = settings.security().privileged();
    List<ContainerMount> given = given(settings, facts);
    Set<String> targets = given.stream().map(ContainerMount::target).collect(Collectors.toSet());
    var entries = new ArrayList<Entry>();
    for (Entry entry : own(privileged, settings.shmSizeBytes().orElse(SHM_BYTES))) {
      boolean hidden =
          targets.contains(entry.target())
              || (targets.contains("/dev") && entry.target().startsWith("/dev/"));
      if (!hidden) {
        entries.add(entry);
      }
    }
    for (ContainerMount mount : given) {
      if (trees.stream().noneMatch(tree -> tree.attaches(mount))) {
        entries.add(entry(mount, trees));
      }
    }
    return write(entries);
  }

  private static Entry entry(ContainerMount mount, List<MountTree> trees) {
    // Who may write there and how mounts travel is settled where the tree is made.
    return trees.stream()
        .filter(tree -> tree.root().equals(mount))
        .findFirst()
        .map(tree -> new Entry(mount.target(), "bind", tree.place().toString(), List.of("rbind")))
        .orElseGet(() -> entry(mount));
  }

  private static ContainerMount init(HostFacts facts) {
    Path program =
        facts
            .initProgram()
            .orElseThrow(
                () ->
                    new RuntimeFault(
                        RuntimeFault.Kind.NOT_INSTALLED,
                        "--init needs docker-init or tini; on Debian: apt-get install tini"));
    return new ContainerMount.Bind(
        program,
        ProcessSpec.INIT_TARGET,
        true,
        Propagation.RPRIVATE,
        false,
        ContainerMount.Submounts.UNCHANGED);
  }

  private static List<Entry> own(boolean privileged, long shmBytes) {
    String mode = privileged ? "rw" : "ro";
    return List.of(
        new Entry("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
        new Entry(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
        new Entry(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")),
        new Entry("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", mode)),
        new Entry("/sys/fs/cgroup", "cgroup", "cgroup", List.of(mode, "nosuid", "noexec", "nodev")),
        new Entry("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")),
        new Entry(
            "/dev/shm",
            "tmpfs",
            "shm",
            List.of("nosuid", "noexec", "nodev", "mode=1777", "size=" + shmBytes)));
  }

  /** The user's mounts and the container's own files, parents before what lies in them. */
  static List<ContainerMount> given(ContainerSettings settings, HostFacts facts) {
    var all = new ArrayList<ContainerMount>();
    file(all, settings.hostFiles().hosts(), "/etc/hosts");
    file(all, settings.hostFiles().hostname(), "/etc/hostname");
    file(all, settings.hostFiles().resolver(), "/etc/resolv.conf");
    for (ContainerMount mount : settings.mounts()) {
      all.removeIf(own -> own.target().equals(mount.target()));
      all.add(checked(mount));
    }
    if (settings.init()) {
      all.removeIf(own -> own.target().equals(ProcessSpec.INIT_TARGET));
      all.add(init(facts));
    }
    all.sort(Comparator.comparingInt(mount -> Path.of(mount.target()).getNameCount()));
    return all;
  }

  private static void file(List<ContainerMount> all, Optional<Path> source, String target) {
    source.ifPresent(path -> all.add(ContainerMount.Bind.of(path, target, false)));
  }

  private static ContainerMount checked(ContainerMount mount) {
    if (!mount.target().startsWith("/")
        || Path.of(mount.target()).normalize().equals(Path.of("/"))) {
      throw invalid(
          "invalid mount config: invalid mount path: '"
              + mount.target()
              + "' mount path must be absolute and not the root");
    }
    if (mount instanceof ContainerMount.Bind bind && !Files.exists(bind.source())) {
      throw invalid(
          "invalid mount config for type \"bind\": bind source path does not exist: "
              + bind.source());
    }
    return mount;
  }

  private static Entry entry(ContainerMount mount) {
    return switch (mount) {
      case ContainerMount.Bind bind -> {
        var options = new ArrayList<String>();
        options.add(bind.recursive() ? "rbind" : "bind");
        if (bind.readOnly()) {
          options.add("ro");
          if (ReadOnlySubmounts.wanted(bind)) {
            options.add("rro");
          }
        }
        options.add(bind.propagation().name().toLowerCase(Locale.ROOT));
        yield new Entry(bind.target(), "bind", bind.source().toString(), options);
      }
      case ContainerMount.Tmpfs tmpfs -> {
        var options = new ArrayList<String>();
        options.add(tmpfs.executable() ? "exec" : "noexec");
        options.addAll(List.of("nosuid", "nodev", "rprivate"));
        if (tmpfs.readOnly()) {
          options.add("ro");
        }
        tmpfs.sizeBytes().ifPresent(size -> options.add("size=" + size));
        tmpfs.mode().ifPresent(mode -> options.add("mode=" + Integer.toOctalString(mode)));
        yield new Entry(tmpfs.target(), "tmpfs", "tmpfs", options);
      }
    };
  }

  private static ArrayNode write(List<Entry> entries) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Entry entry : entries) {
      ObjectNode node =
          list.addObject()
              .put("destination", entry.target())
              .put("type", entry.type())
              .put("source", entry.source());
      ArrayNode options = node.putArray("options");
      entry.options().forEach(options::add);
    }
    return list;
  }

  /** What the root's propagation must be so that the mounts' can work; empty for the default. */
  static Optional<String> rootPropagation(ContainerSettings settings) {
    boolean shared = false;
    boolean slave = false;
    for (ContainerMount mount : settings.mounts()) {
      if (mount instanceof ContainerMount.Bind bind) {
        shared |=
            bind.propagation() == Propagation.SHARED || bind.propagation() == Propagation.RSHARED;
        slave |=
            bind.propagation() == Propagation.SLAVE || bind.propagation() == Propagation.RSLAVE;
      }
    }
    if (shared) {
      return Optional.of("shared");
    }
    return slave ? Optional.of("rslave") : Optional.empty();
  }

  private static RuntimeFault invalid(String message) {
    return new RuntimeFault(RuntimeFault.Kind.INVALID, message);
  }
}
