package dev.hanse.manager;

import dev.hanse.control.Decision;
import dev.hanse.control.command.NodeCommand.RenewCertificate;
import dev.hanse.identity.CertificateRequest;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.model.Certificate;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How the only manager of a swarm gets a new certificate when its own has expired while it was off:
 * from itself. Nobody else could give it one, and TLS, by which it would ask, refuses the old one.
 */
public final class OwnCertificate {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private OwnCertificate() {}

  /**
   * Renews the certificate of the manager's own node; its credentials are changed in place.
   *
   * @throws IdentityException if it is not signed, with the reason
   * @throws IOException if it cannot be saved
   */
  public static void renew(Manager manager, InstantSource clock)
      throws IdentityException, IOException, InterruptedException {
    TlsCredentials credentials = manager.credentials();
    String nodeId = credentials.identity().nodeId();
    CertificateRequest request = CertificateRequest.create();
    if (manager.submit(new RenewCertificate(nodeId, request.pem())).join()
        instanceof Decision.Refused refused) {
      throw new IdentityException(IdentityException.Reason.REFUSED, refused.rejection().message());
    }
    Certificate issued = awaitIssued(manager, nodeId, request);
    credentials.replace(
        NodeIdentity.of(
            issued.getCertificate().toByteArray(),
            request.key(),
            credentials.identity().root(),
            clock.instant()));
  }

  private static Certificate awaitIssued(Manager manager, String nodeId, CertificateRequest request)
      throws IdentityException, InterruptedException {
    CompletableFuture<Certificate> settled = new CompletableFuture<>();
    try (Store.Subscription subscription =
        manager.subscribe(
            (before, after, changes) ->
                settled(after, nodeId, request).ifPresent(settled::complete))) {
      settled(manager.snapshot(), nodeId, request).ifPresent(settled::complete);
      Certificate certificate = settled.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (certificate.getStatus().getState() == IssuanceStatus.State.ISSUED) {
        return certificate;
      }
      throw new IdentityException(
          IdentityException.Reason.REFUSED, certificate.getStatus().getErr());
    } catch (TimeoutException | ExecutionException e) {
      throw new IdentityException(
          IdentityException.Reason.UNREACHABLE, "the own certificate was not signed in time", e);
    }
  }

  private static Optional<Certificate> settled(
      Snapshot snapshot, String nodeId, CertificateRequest request) {
    return snapshot
        .find(Kind.NODE, nodeId)
        .map(node -> node.getCertificate())
        .filter(certificate -> certificate.getCsr().equals(request.pem()))
        .filter(
            certificate ->
                certificate.getStatus().getState() == IssuanceStatus.State.ISSUED
                    || certificate.getStatus().getState() == IssuanceStatus.State.FAILED);
  }
}
