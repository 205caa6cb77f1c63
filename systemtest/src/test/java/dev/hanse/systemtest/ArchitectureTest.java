package dev.hanse.systemtest;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import dev.hanse.agent.volume.LocalVolume;
import java.io.File;
import java.io.FileOutputStream;
import java.io.FileWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the rings and modules may touch, and who alone may. The arrows: {@link ArrowsTest}. */
class ArchitectureTest {
  private static final String ROOT = "dev.hanse.";

  /** What gives a class a clock, a thread, a socket, a file or randomness of its own. */
  private static final Set<String> FORBIDDEN_TO_DECIDERS =
      Set.of(
          "java.lang.Thread",
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.time.Clock",
          "java.util.Timer",
          "java.util.UUID",
          "java.util.Random",
          "java.security.SecureRandom",
          "java.util.concurrent.ThreadLocalRandom",
          "java.net.Socket",
          "java.net.ServerSocket",
          "java.net.DatagramSocket",
          "java.io.File",
          "java.io.FileInputStream",
          "java.io.FileOutputStream",
          "java.io.RandomAccessFile");

  /** What looks a path up anew at each step, so that a link may lead it away. */
  private static final Set<String> WALKS_BY_PATH =
      Set.of(
          "Files.walk",
          "Files.walkFileTree",
          "Files.find",
          "Files.copy",
          "Files.readSymbolicLink",
          "Path.toRealPath",
          "File.getCanonicalPath",
          "File.listFiles");

  private static final Set<String> KNOW_THE_DIRECTORY_OF_A_VOLUME =
      Set.of(
          "dev.hanse.agent.volume.LocalVolume",
          "dev.hanse.agent.volume.VolumeContents",
          "dev.hanse.agent.mount.VolumeParts",
          // Its root, for the runtime: no container can change the way to that.
          "dev.hanse.agent.mount.ContainerMounts",
          // Only say where it is.
          "dev.hanse.docker.container.ContainerJson",
          "dev.hanse.docker.engine.VolumeRoutes");

  /**
   * Have threads that come to their end by themselves: one piece of work, one connection, one
   * request, one session. What goes on for as long as its part of the node is an {@code
   * OwnerThread}, so that no fault ends it unseen.
   */
  private static final Set<String> HAVE_PASSING_THREADS =
      Set.of(
          "agent.Agent",
          "agent.AgentLoop",
          "agent.TaskLogServer",
          "agent.dispatch.CallsFromManagers",
          "agent.dispatch.EngineRelay",
          "agent.dispatch.LogSubscriptions",
          "agent.dispatch.ManagerSession",
          "agent.dns.DnsForwarder",
          "agent.gossip.Streams",
          "agent.log.LogStore",
          "agent.network.Builds",
          "agent.network.host.LoopbackRelay",
          "agent.task.HealthMonitor",
          "agent.task.Unbroken",
          "bounds.BulkWork",
          "docker.remote.OtherNodes",
          "docker.stream.InputPump",
          "docker.image.RegistryLookup",
          "identity.NetworkThreads",
          "kernel.file.FileTree",
          "kernel.namespace.NamespaceVisit",
          "kernel.process.LimitedProcess",
          "manager.calls.RelayedCall",
          "manager.dispatch.DispatchLoop",
          "manager.forward.LeaderRoute",
          "manager.log.LogServices",
          "manager.log.NodeLogs",
          "node.daemon.Daemon",
          "node.DaemonCommand",
          "node.HealthCommand",
          "node.daemon.Meanwhile",
          "node.membership.Participation",
          "node.ServiceState",
          "raft.MembershipChanges",
          "raft.OpenLog",
          "raft.peer.PeerAppender",
          "raft.RatisLog",
          "raft.StateMachine",
          "runtime.confinement.HostSafety",
          "runtime.containerd.ContainerdClient",
          "runtime.containers.TaskRuns",
          "runtime.content.UnpackWatch",
          "runtime.images.Puller",
          "runtime.registry.PacedBody",
          "runtime.registry.RegistryHttp",
          "web.ClientWatch",
          "web.HijackedConnection");

  private static final Set<String> TASKS_AND_SERVICES =
      Stream.of("Task", "TaskSpec", "TaskStatus", "Service", "ServiceSpec")
          .map(name -> ROOT + "model." + name)
          .collect(Collectors.toSet());

  private static final Set<String> MAKE_THREADS =
      Set.of(
          "Thread.ofPlatform",
          "Thread.ofVirtual",
          "Thread.startVirtualThread",
          "Executors.newCachedThreadPool",
          "Executors.newFixedThreadPool",
          "Executors.newScheduledThreadPool",
          "Executors.newSingleThreadExecutor",
          "Executors.newSingleThreadScheduledExecutor",
          "Executors.newThreadPerTaskExecutor",
          "Executors.newVirtualThreadPerTaskExecutor",
          "Executors.newWorkStealingPool");

  @Test
  void deciders_have_no_clock_thread_socket_file_or_chance_of_their_own() throws IOException {
    String[] deciders =
        Stream.concat(
                ModuleTable.in(Path.of("../ARCHITECTURE.md")).ofRing("decider").stream(),
                Stream.of("calls.table"))
            .map(name -> ROOT + name + "..")
            .toArray(String[]::new);
    assertThat(deciders).isNotEmpty();
    noClasses()
        .that()
        .resideInAnyPackage(deciders)
        .should()
        .dependOnClassesThat(forbiddenToDeciders())
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net.http..")
        .check(ProductClasses.ALL);
    for (String now : new String[] {"currentTimeMillis", "nanoTime"}) {
      noClasses()
          .that()
          .resideInAnyPackage(deciders)
          .should()
          .callMethod(System.class, now)
          .check(ProductClasses.ALL);
    }
    noClasses()
        .that()
        .resideInAnyPackage(deciders)
        .should()
        .callMethod(java.time.Instant.class, "now")
        .check(ProductClasses.ALL);
  }

  /** What makes files, whether or not it must. */
  private static final Map<Class<?>, Set<String>> MAKING_FILES =
      Map.of(
          Files.class,
          Set.of(
              "createDirectory",
              "createDirectories",
              "createFile",
              "createTempDirectory",
              "createTempFile",
              "write",
              "writeString",
              "newOutputStream",
              "newBufferedWriter",
              "newByteChannel"),
          FileChannel.class,
          Set.of("open"),
          File.class,
          Set.of("mkdir", "mkdirs", "createNewFile", "createTempFile"),
          ProcessBuilder.Redirect.class,
          Set.of("to", "appendTo"));

  private static final Set<Class<?>> WRITING_BY_NAME =
      Set.of(FileOutputStream.class, FileWriter.class, RandomAccessFile.class, PrintWriter.class);

  /** Only {@code OwnFiles} makes files, so each has a mode. {@code HostFacts} only reads. */
  @Test
  void files_are_made_in_one_place_with_their_mode() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(ROOT + "kernel.file.OwnFiles")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "runtime.spec.HostFacts")
        .and()
        .resideOutsideOfPackage(ROOT + "systemtest..")
        .should()
        .callMethodWhere(
            DescribedPredicate.<JavaMethodCall>describe(
                "makes files", ArchitectureTest::makesFiles))
        .check(ProductClasses.ALL);
    noClasses()
        .should()
        .callConstructorWhere(
            DescribedPredicate.<JavaConstructorCall>describe(
                "makes files", ArchitectureTest::makesFiles))
        .check(ProductClasses.ALL);
  }

  /**
   * Only {@code DurableFile} renames, so each file is whole, on disk, and in a synced directory.
   */
  @Test
  void files_are_put_in_place_of_others_in_one_place() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(ROOT + "kernel.file.DurableFile")
        .should()
        .callMethodWhere(target(owner(assignableTo(Files.class))).and(target(name("move"))))
        .orShould()
        .callMethodWhere(target(owner(assignableTo(File.class))).and(target(name("renameTo"))))
        .orShould()
        .accessField(StandardCopyOption.class, "ATOMIC_MOVE")
        .check(ProductClasses.ALL);
  }

  private static boolean makesFiles(JavaMethodCall call) {
    return MAKING_FILES.entrySet().stream()
        .anyMatch(
            making ->
                making.getValue().contains(call.getName())
                    && call.getTargetOwner().isEquivalentTo(making.getKey()));
  }

  private static boolean makesFiles(JavaConstructorCall call) {
    List<JavaClass> parameters = call.getTarget().getRawParameterTypes();
    return !parameters.isEmpty()
        && (parameters.getFirst().isEquivalentTo(String.class)
            || parameters.getFirst().isEquivalentTo(File.class))
        && WRITING_BY_NAME.stream().anyMatch(call.getTargetOwner()::isEquivalentTo);
  }

  @Test
  void what_goes_on_is_an_owner_thread() {
    DescribedPredicate<JavaClass> others =
        DescribedPredicate.describe(
            "are not known to have threads that end by themselves",
            type -> !HAVE_PASSING_THREADS.contains(outermost(type).substring(ROOT.length())));
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "health..", ROOT + "lab..", ROOT + "sim..")
        .and(others)
        .should()
        .accessTargetWhere(
            DescribedPredicate.<JavaAccess<?>>describe(
                "make threads",
                access ->
                    MAKE_THREADS.contains(
                            access.getTargetOwner().getSimpleName() + "." + access.getName())
                        || (access.getTargetOwner().isAssignableTo(Thread.class)
                            && access.getName().equals("<init>"))))
        .because("a thread that goes on is an OwnerThread, whose faults are seen and survived")
        .check(ProductClasses.ALL);
    assertThat(HAVE_PASSING_THREADS.stream().map(name -> ROOT + name))
        .allMatch(ProductClasses.ALL::contain, "is a class");
  }

  /** Jackson's own conversions make a text of a number and "" of an object. */
  @Test
  void what_a_request_holds_is_read_with_its_type() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "docker..")
        .should()
        .callMethodWhere(
            target(owner(assignableTo(JsonNode.class)))
                .and(target(nameMatching("as(Text|Boolean|Int|Long|Double)"))))
        .because("docker.field.Fields refuses what has another type")
        .check(ProductClasses.ALL);
  }

  private static String outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type.getName());
  }

  /**
   * Below the makers of workloads an agent does the same for all of them; the swarm's maker makes
   * the statuses that StatusReports sends.
   */
  @Test
  void only_their_maker_knows_the_swarms_tasks_on_a_node() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "agent..")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "agent.dispatch.StatusReports")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "agent.workload.SwarmWorkloads")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.<JavaClass>describe(
                "are tasks or services",
                type -> TASKS_AND_SERVICES.contains(outermost(type).replace("OrBuilder", ""))))
        .because("the noun of a node is agent.workload.Workload")
        .check(ProductClasses.ALL);
    assertThat(TASKS_AND_SERVICES).allMatch(ProductClasses.ALL::contain, "is a class");
  }

  @Test
  void kernel_and_runtime_know_no_word_of_the_cluster() {
    noClasses()
        .that()
        .resideInAnyPackage(
            Stream.of("kernel", "runtime").map(n -> ROOT + n + "..").toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("docker.swarmkit..", ROOT + "model..")
        .check(ProductClasses.ALL);
  }

  @Test
  void nothing_of_containers_is_walked_copied_or_followed_by_path() {
    noClasses()
        .that()
        .resideInAnyPackage(
            Stream.of("agent", "runtime", "docker")
                .map(name -> ROOT + name + "..")
                .toArray(String[]::new))
        // The host's own devices, which only its administrator names.
        .and()
        .doNotHaveFullyQualifiedName("dev.hanse.runtime.spec.DeviceSpec")
        .should()
        .callMethodWhere(walksByPath())
        .because("a container may be at work there: see kernel.file.DirectoryHandle, FileTree")
        .check(ProductClasses.ALL);
  }

  @Test
  void only_those_who_hold_a_volume_by_its_handle_know_its_directory() {
    noClasses()
        .that(
            DescribedPredicate.describe(
                "neither hold a volume by its handle nor merely say where it is",
                type -> !KNOW_THE_DIRECTORY_OF_A_VOLUME.contains(type.getName())))
        .should()
        .callMethod(LocalVolume.class, "mountpoint")
        .because("what is below it belongs to containers: see kernel.file.DirectoryHandle")
        .check(ProductClasses.ALL);
  }

  private static DescribedPredicate<JavaMethodCall> walksByPath() {
    return DescribedPredicate.describe(
        "walk, copy or follow by path",
        call ->
            WALKS_BY_PATH.contains(
                call.getTargetOwner().getSimpleName() + "." + call.getTarget().getName()));
  }

  @Test
  void only_the_text_module_touches_an_engine_of_regular_expressions() {
    noClasses()
        .that()
        .resideInAPackage("dev.hanse..")
        .and()
        .resideOutsideOfPackage(ROOT + "text..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.regex..", "com.google.re2j..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.nio.file.PathMatcher")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Scanner")
        .check(ProductClasses.ALL);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "text..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.regex..")
        .check(ProductClasses.ALL);
    for (String method : new String[] {"matches", "replaceAll", "replaceFirst"}) {
      noClasses()
          .that()
          .resideInAPackage("dev.hanse..")
          .should()
          .callMethodWhere(target(owner(assignableTo(String.class))).and(target(name(method))))
          .check(ProductClasses.ALL);
    }
  }

  /** Where a text is split is an expression too: only those that are read in one go. */
  @Test
  void texts_are_split_at_single_characters_or_white_space() throws IOException {
    Pattern call = Pattern.compile("\\.split\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
    Pattern harmless = Pattern.compile("[^\\\\.$|()\\[{^?*+]|\\\\\\\\s\\+|\\\\\\\\[.$|]|\\\\[nt0]");
    int found = 0;
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      for (Path file :
          files
              .filter(path -> path.toString().endsWith(".java"))
              .filter(path -> path.toString().contains("/src/main/"))
              .toList()) {
        Matcher split = call.matcher(Files.readString(file));
        while (split.find()) {
          found++;
          assertThat(harmless.matcher(split.group(1)).matches())
              .as("%s splits at \"%s\"", file, split.group(1))
              .isTrue();
        }
      }
    }
    assertThat(found).isPositive();
  }

  private static DescribedPredicate<JavaClass> forbiddenToDeciders() {
    return DescribedPredicate.describe(
        "give a clock, a thread, a socket, a file or randomness",
        type -> FORBIDDEN_TO_DECIDERS.contains(type.getName()));
  }
}
