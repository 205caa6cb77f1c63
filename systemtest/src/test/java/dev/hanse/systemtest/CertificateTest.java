package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.lab.Lab;
import dev.hanse.model.CAGrpc;
import dev.hanse.model.GetUnlockKeyRequest;
import dev.hanse.model.LogsGrpc;
import dev.hanse.model.SubscribeLogsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a node's certificate says, and what its owner may do with it. */
@OnSharedLab
class CertificateTest {
  private final Lab lab;
  private final DockerCommand docker;

  CertificateTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
  }

  @Test
  void the_certificate_names_cluster_role_and_node() throws Exception {
    NodeIdentity worker = credentials("host2").identity();
    assertThat(worker.role()).isEqualTo(Role.WORKER);
    assertThat(worker.nodeId())
        .isEqualTo(new DockerCommand(lab, "host2").run("info", "-f", "{{.Swarm.NodeID}}"));
    assertThat(worker.organization()).isEqualTo(docker.run("info", "-f", "{{.Swarm.Cluster.ID}}"));
    assertThat(credentials("host1").identity().role()).isEqualTo(Role.MANAGER);
  }

  @Test
  void a_worker_may_not_call_what_is_for_managers() throws Exception {
    ManagedChannel channel =
        ManagerChannel.open(lab.host("host1").address() + ":2377", credentials("host2"));
    CAGrpc.CABlockingStub authority = CAGrpc.newBlockingStub(channel);
    LogsGrpc.LogsBlockingStub logs = LogsGrpc.newBlockingStub(channel);
    try {
      assertDenied(() -> authority.getUnlockKey(GetUnlockKeyRequest.getDefaultInstance()));
      Iterator<?> messages = logs.subscribeLogs(SubscribeLogsRequest.getDefaultInstance());
      assertDenied(messages::hasNext);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void assertDenied(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
              assertThat(refusal.getMessage()).contains("swarm-manager");
            });
  }

  private TlsCredentials credentials(String host) throws Exception {
    CertificateDirectory directory =
        new CertificateDirectory(lab.host(host).dataRoot().resolve("swarm/certificates"));
    NodeIdentity identity = directory.load(Instant.now()).orElseThrow();
    return new TlsCredentials(identity, directory, InstantSource.system());
  }
}
