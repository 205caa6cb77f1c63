package dev.hanse.runtime;

import com.google.protobuf.Empty;
import dev.hanse.containerd.images.DeleteImageRequest;
import dev.hanse.containerd.images.Image;
import dev.hanse.containerd.images.ListImagesRequest;
import dev.hanse.containerd.leases.DeleteRequest;
import dev.hanse.containerd.leases.Lease;
import dev.hanse.containerd.leases.ListRequest;
import dev.hanse.containerd.namespaces.CreateNamespaceRequest;
import dev.hanse.containerd.namespaces.DeleteNamespaceRequest;
import dev.hanse.containerd.namespaces.Namespace;
import dev.hanse.runtime.confinement.AppArmor;
import dev.hanse.runtime.confinement.AskedVersion;
import dev.hanse.runtime.confinement.HostSafety;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContainerdProcess;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Images;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The node's door to containerd. Open one per daemon; all parts may be used from many (virtual)
 * threads at once.
 */
public final class ContainerRuntime implements AutoCloseable {

  private final ContainerdProcess process;
  private final ContainerdClient client;
  private final Images images;
  private final Containers containers;
  private final HostSafety safety;
  private final AskedVersion init = new AskedVersion();
  private final String namespace;

  private ContainerRuntime(
      ContainerdProcess process, ContainerdClient client, RuntimeSettings settings) {
    this.process = process;
    this.namespace = settings.namespace();
    this.client = client;
    this.images = new Images(client, settings);
    AppArmor appArmor = AppArmor.ofHost();
    this.containers = Containers.open(process, client, images, settings, appArmor);
    this.safety = new HostSafety(appArmor, this::containerdVersion);
    this.safety.begin();
  }

  /**
   * Connects to the host's containerd, else starts (or finds again) a private one, and watches it.
   *
   * @throws RuntimeFault NOT_INSTALLED with a hint, or UNAVAILABLE when it does not come up
   */
  public static ContainerRuntime open(RuntimeSettings settings) {
    ContainerdProcess process = ContainerdProcess.find(settings);
    var client = new ContainerdClient(process.socket(), settings.namespace(), process.disk());
    try {
      makeNamespace(client, settings.namespace());
      return new ContainerRuntime(process, client, settings);
    } catch (RuntimeException failure) {
      client.close();
      throw failure;
    }
  }

  private static void makeNamespace(ContainerdClient client, String name) {
    var request =
        CreateNamespaceRequest.newBuilder()
            .setNamespace(Namespace.newBuilder().setName(name))
            .build();
    try {
      var unused = client.calls().namespaces().create(request);
    } catch (StatusRuntimeException failure) {
      if (!Faults.isAlreadyExists(failure)) {
        throw Faults.of("making namespace " + name, failure);
      }
    }
  }

  /** The images of this node. */
  public Images images() {
    return images;
  }

  /** The containers of this node. */
  public Containers containers() {
    return containers;
  }

  /** How safely this host holds containers. */
  public HostSafety safety() {
    return safety;
  }

  /** The containerd in use. */
  public ContainerdProcess containerd() {
    return process;
  }

  /** Calls made to containerd so far. */
  public long callCount() {
    return client.callCount();
  }

  /** Version of the containerd in use, for example {@code 1.6.20}. */
  public String containerdVersion() {
    try {
      return client.calls().version().version(Empty.getDefaultInstance()).getVersion();
    } catch (StatusRuntimeException failure) {
      throw Faults.of("asking for containerd's version", failure);
    }
  }

  /**
   * Whether containerd answers a question that costs it nothing, within that time; waits for it.
   */
  public boolean answers(Duration within) {
    try {
      var unused =
          client
              .calls()
              .version()
              .withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS)
              .version(Empty.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException silent) {
      return false;
    }
  }

  /** Version of runc, for example {@code 1.1.5}. */
  public String runcVersion() {
    return safety.runcVersion();
  }

  /** Version of the program that runs as process 1 with {@code --init}; empty if there is none. */
  public Optional<String> initVersion() {
    return containers.facts().initProgram().map(init::of);
  }

  /**
   * Ends and removes all containers, those included of which there is only a part.
   *
   * @return the ids of those that were there
   * @throws IOException if some could not be removed
   */
  public List<String> removeAllContainers() throws IOException {
    List<String> removed = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (String id : containers.traces()) {
      try {
        containers.delete(id);
        removed.add(id);
      } catch (RuntimeFault fault) {
        failed.add(id + ": " + fault.getMessage());
      }
    }
    if (!failed.isEmpty()) {
      throw new IOException(String.join("; ", failed));
    }
    return removed;
  }

  /** Removes all images, and our namespace in containerd, in which nothing else is then. */
  public void removeNamespace() {
    try {
      for (Image image :
          client.calls().images().list(ListImagesRequest.getDefaultInstance()).getImagesList()) {
        var unused =
            client
                .calls()
                .images()
                .delete(
                    DeleteImageRequest.newBuilder().setName(image.getName()).setSync(true).build());
      }
      for (Lease lease :
          client.calls().leases().list(ListRequest.getDefaultInstance()).getLeasesList()) {
        var unused =
            client
                .calls()
                .leases()
                .delete(DeleteRequest.newBuilder().setId(lease.getId()).setSync(true).build());
      }
      var unused =
          client
              .calls()
              .namespaces()
              .delete(DeleteNamespaceRequest.newBuilder().setName(namespace).build());
    } catch (StatusRuntimeException failure) {
      throw Faults.of("removing the containerd namespace " + namespace, failure);
    }
  }

  /** Disconnects. Containers, and a private containerd, go on running. */
  @Override
  public void close() {
    containers.close();
    client.close();
  }
}
