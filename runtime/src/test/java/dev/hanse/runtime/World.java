package dev.hanse.runtime;

import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.spec.ContainerSettings;
import dev.hanse.runtime.spec.ContainerSettingsBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A private containerd in a directory of its own, with a busybox image; leaves nothing behind. */
public final class World implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path directory;
  private final RuntimeSettings settings;
  private ContainerRuntime runtime;

  private World(Path directory, List<String> insecure) {
    this.directory = directory;
    this.settings =
        RuntimeSettings.of(
                directory.resolve("data"),
                directory.resolve("exec"),
                "hanse-test-" + ProcessHandle.current().pid())
            .withPrivateContainerd()
            .withRegistries(insecure, List.of());
    this.runtime = ContainerRuntime.open(settings);
  }

  /** A world without images. */
  public static World empty() {
    try {
      return new World(Files.createTempDirectory("hanse-runtime"), List.of());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A world without images in that directory, which it empties at its end. */
  public static World in(Path directory) {
    return new World(directory, List.of());
  }

  /** A world with the image {@code busybox:latest}. */
  public static World withBusybox() {
    World world = empty();
    world.importBusybox("busybox:latest", "CMD [\"sh\"]");
    return world;
  }

  /** Imports the busybox of this host as an image. */
  public Image importBusybox(String name, String... changes) {
    return runtime
        .images()
        .importRootfs(
            new ByteArrayInputStream(BusyboxRootfs.tar()),
            Optional.of(Reference.parse(name)),
            "made by the test",
            List.of(changes));
  }

  /** The runtime. */
  public ContainerRuntime runtime() {
    return runtime;
  }

  /** Its containers. */
  public Containers containers() {
    return runtime.containers();
  }

  /** Its settings. */
  public RuntimeSettings settings() {
    return settings;
  }

  /** A place for the test's files. */
  public Path directory() {
    return directory;
  }

  /** Forgets all that is in memory and opens anew, as a restarted daemon does. */
  public void restartDaemon() {
    runtime.close();
    runtime = ContainerRuntime.open(settings);
  }

  /** A container id that was not used before. */
  public static String newId() {
    return "%064x".formatted(0xabc000000L + COUNTER.incrementAndGet() + System.nanoTime());
  }

  /** What a finished container did. */
  public record Finished(String id, ExitStatus exit, String stdout, String stderr) {}

  /** Runs a command in a new container to its end and removes the container. */
  public Finished run(UnaryOperator<ContainerSettingsBuilder> change, String... command) {
    String id = newId();
    ContainerSettings container =
        change
            .apply(ContainerSettings.builder(id, "busybox:latest").arguments(List.of(command)))
            .build();
    containers().create(container);
    try {
      var output = new Output();
      containers().start(id, output);
      ExitStatus exit = containers().exit(id).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      output.awaitEnd();
      return new Finished(id, exit, output.stdout(), output.stderr());
    } catch (Exception failure) {
      throw failure instanceof RuntimeException unchecked
          ? unchecked
          : new IllegalStateException(failure);
    } finally {
      containers().delete(id);
    }
  }

  /** Runs a shell line in a new container with default settings. */
  public Finished shell(String line) {
    return run(settings -> settings, "sh", "-c", line);
  }

  /** Starts a container that goes on running. */
  public String start(
      UnaryOperator<ContainerSettingsBuilder> change, OutputListener output, String... command) {
    String id = newId();
    containers()
        .create(
            change
                .apply(ContainerSettings.builder(id, "busybox:latest").arguments(List.of(command)))
                .build());
    containers().start(id, output);
    return id;
  }

  /** Waits until something is so. */
  public static void eventually(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
      }
      java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
    }
  }

  @Override
  public void close() {
    runtime.containerd().ensureRunning();
    for (ContainerState container : containers().list(Map.of())) {
      containers().delete(container.id());
    }
    runtime.close();
    runtime.containerd().process().ifPresent(World::end);
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void end(ProcessHandle process) {
    process.destroy();
    process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
