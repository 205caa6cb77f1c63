package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageConfig;
import dev.hanse.runtime.images.ImageRootfs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes the document that runc executes. Its form is the OCI runtime specification's config.md;
 * its defaults are Docker's.
 */
public final class RuntimeSpec {
  private static final String VERSION = "1.0.2";

  /** The annotation by which containers share a shim; the shim of one without is its own. */
  public static final String SHIM_GROUP = "io.containerd.runc.v2.group";

  private static final int HOSTNAME_DIGITS = 12;
  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware");
  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private final ContainerSettings settings;
  private final ImageRootfs image;
  private final HostFacts facts;
  private final List<MountTree> trees;

  private RuntimeSpec(
      ContainerSettings settings, ImageRootfs image, HostFacts facts, List<MountTree> trees) {
    this.trees = trees;
    this.settings = settings;
    this.image = image;
    this.facts = facts;
  }

  /**
   * The specification of one container.
   *
   * @param trees what {@link MountTree#of} finds among its mounts
   * @throws dev.hanse.runtime.RuntimeFault INVALID when the settings cannot be
   */
  public static ObjectNode of(
      ContainerSettings settings, ImageRootfs image, HostFacts facts, List<MountTree> trees) {
    return new RuntimeSpec(settings, image, facts, trees).write();
  }

  /** Path of the container's group in every hierarchy. */
  public static String cgroupPath(ContainerSettings settings) {
    String parent = settings.cgroupParent();
    int end = parent.length();
    while (end > 0 && parent.charAt(end - 1) == '/') {
      end--;
    }
    return (parent.startsWith("/") || end == 0 ? "" : "/")
        + parent.substring(0, end)
        + "/"
        + settings.id();
  }

  private ObjectNode write() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    String hostname = hostname();
    List<String> capabilities = Capabilities.of(settings.security(), facts.capabilities());
    root.put("ociVersion", VERSION);
    process(root.putObject("process"), hostname, capabilities);
    root.putObject("root")
        .put("path", "rootfs")
        .put("readonly", settings.security().readOnlyRootfs());
    root.put("hostname", hostname);
    root.set("mounts", MountSpec.of(settings, facts, trees));
    settings.shimGroup().ifPresent(group -> root.putObject("annotations").put(SHIM_GROUP, group));
    linux(root.putObject("linux"), capabilities);
    return root;
  }

  private String hostname() {
    return settings
        .hostname()
        .orElseGet(
            () ->
                switch (settings.network()) {
                  case NetworkPlace.Host _ -> facts.hostname();
                  case NetworkPlace.Joined _, NetworkPlace.Isolated _ ->
                      settings.id().substring(0, Math.min(HOSTNAME_DIGITS, settings.id().length()));
                });
  }

  private void process(ObjectNode process, String hostname, List<String> capabilities) {
    ImageConfig config = image.config();
    if (settings.terminal()) {
      process.put("terminal", true);
    }
    ProcessSpec.user(
        process,
        ResolvedUser.of(
            settings.user().orElse(config.user()),
            image.passwd(),
            image.group(),
            settings.additionalGroups()));
    ArrayNode args = process.putArray("args");
    if (settings.init()) {
      args.add(ProcessSpec.INIT_TARGET).add("--");
    }
    ProcessSpec.command(settings, config).forEach(args::add);
    ArrayNode environment = process.putArray("env");
    ProcessSpec.environment(settings, config, hostname).forEach(environment::add);
    process.put("cwd", workingDirectory(config));
    ProcessSpec.capabilities(process, capabilities);
    ProcessSpec.limits(process, settings.ulimits());
    if (facts.appArmor()) {
      process.put("apparmorProfile", settings.security().appArmorProfile());
    }
    if (settings.security().noNewPrivileges()) {
      process.put("noNewPrivileges", true);
    }
    // Also if it is 0: else the container has containerd's.
    process.put("oomScoreAdj", settings.oomScoreAdjust());
  }

  private String workingDirectory(ImageConfig config) {
    String directory = settings.workingDirectory().orElse(config.workingDirectory());
    return directory.startsWith("/") ? directory : "/" + directory;
  }

  private void linux(ObjectNode linux, List<String> capabilities) {
    boolean privileged = settings.security().privileged();
    ObjectNode resources = ResourceSpec.of(settings.resources(), facts);
    DeviceSpec.write(settings, linux.putArray("devices"), resources.putArray("devices"));
    linux.set("resources", resources);
    linux.put("cgroupsPath", cgroupPath(settings));
    namespaces(linux.putArray("namespaces"));
    Map<String, String> sysctls = sysctls();
    if (!sysctls.isEmpty()) {
      ObjectNode node = linux.putObject("sysctl");
      sysctls.forEach(node::put);
    }
    MountSpec.rootPropagation(settings).ifPresent(way -> linux.put("rootfsPropagation", way));
    seccomp(capabilities).ifPresent(profile -> linux.set("seccomp", profile));
    if (privileged) {
      return;
    }
    ArrayNode masked = linux.putArray("maskedPaths");
    MASKED.forEach(masked::add);
    facts.thermalPaths().forEach(masked::add);
    ArrayNode readOnly = linux.putArray("readonlyPaths");
    READ_ONLY.forEach(readOnly::add);
  }

  /** As Docker: a privileged container has a filter only if it brings one. */
  private Optional<ObjectNode> seccomp(List<String> capabilities) {
    return switch (settings.security().seccomp()) {
      case SeccompChoice.Unconfined() -> Optional.empty();
      case SeccompChoice.Default() ->
          settings.security().privileged() || !facts.seccomp()
              ? Optional.empty()
              : Optional.of(SeccompProfile.of(capabilities, facts.architecture()));
      case SeccompChoice.Custom(SeccompDocument profile) -> {
        if (!facts.seccomp()) {
          throw new RuntimeFault(
              RuntimeFault.Kind.INVALID,
              "seccomp is not enabled in your kernel, cannot run a custom seccomp profile");
        }
        yield Optional.of(profile.specification(capabilities, facts));
      }
    };
  }

  private void namespaces(ArrayNode namespaces) {
    for (String type : List.of("mount", "uts", "pid", "ipc")) {
      namespaces.addObject().put("type", type);
    }
    networkNamespace().ifPresent(namespaces::add);
    if (facts.cgroupVersion() == 2 && !settings.security().privileged()) {
      namespaces.addObject().put("type", "cgroup");
    }
  }

  private Optional<ObjectNode> networkNamespace() {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("type", "network");
    return switch (settings.network()) {
      case NetworkPlace.Host _ -> Optional.empty();
      case NetworkPlace.Isolated _ -> Optional.of(node);
      case NetworkPlace.Joined joined ->
          Optional.of(node.put("path", joined.namespace().toString()));
    };
  }

  private Map<String, String> sysctls() {
    Map<String, String> all = new TreeMap<>();
    if (!(settings.network() instanceof NetworkPlace.Host)) {
      if (facts.networkDefaults().contains(HostFacts.PING_RANGE)) {
        all.put(HostFacts.PING_RANGE, "0 2147483647");
      }
      if (facts.networkDefaults().contains(HostFacts.UNPRIVILEGED_PORTS)) {
        all.put(HostFacts.UNPRIVILEGED_PORTS, "0");
      }
    }
    settings.domainName().ifPresent(domain -> all.put("kernel.domainname", domain));
    all.putAll(settings.sysctls());
    return all;
  }
}
