package dev.hanse.runtime.images;

import dev.hanse.runtime.RuntimeFault;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/** The images of this node. Safe for use by many threads. */
@SuppressWarnings("DoNotCallSuggester")
public final class Images {
  /** All images, newest first. */
  public List<Image> list() {
    throw new UnsupportedOperationException();
  }

  /**
   * Finds an image by name, {@code name@digest}, id or unambiguous start of an id.
   *
   * @return empty if there is none
   */
  public Optional<Image> find(String nameOrId) {
    throw new UnsupportedOperationException(nameOrId);
  }

  /**
   * As {@link #find}.
   *
   * @throws RuntimeFault NO_SUCH_IMAGE with Docker's text
   */
  public Image require(String nameOrId) {
    throw new UnsupportedOperationException(nameOrId);
  }

  /** Gives an image one more name; a name that pointed elsewhere is moved. */
  public void tag(String source, String target) {
    throw new UnsupportedOperationException(source + target);
  }

  /**
   * Removes a name, and the image with its last name; by id removes all its names.
   *
   * @param force also when several names or a stopped container use it
   * @throws RuntimeFault NO_SUCH_IMAGE, or CONFLICT with Docker's text
   */
  public List<RemovedImage> remove(String nameOrId, boolean force) {
    throw new UnsupportedOperationException(nameOrId + force);
  }

  /**
   * Removes images without a name (or, with {@code all}, without a container).
   *
   * @return what went
   */
  public List<RemovedImage> prune(boolean all) {
    throw new UnsupportedOperationException("" + all);
  }

  /**
   * Reads a {@code docker save} archive or an OCI layout, plain or gzip.
   *
   * @return the images, as named in the archive
   * @throws RuntimeFault BAD_TAR
   */
  public List<Image> load(InputStream archive, ImageProgress.Listener progress) {
    throw new UnsupportedOperationException(archive.toString() + progress);
  }

  /**
   * Makes a one-layer image of a file system tar, plain or gzip ({@code docker import}).
   *
   * @param reference name to give it, if any
   * @param changes Dockerfile lines: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME,
   *     WORKDIR
   * @throws RuntimeFault BAD_TAR, or INVALID for an unknown change
   */
  public Image importRootfs(
      InputStream tar, Optional<Reference> reference, String message, List<String> changes) {
    throw new UnsupportedOperationException(tar.toString() + reference + message + changes);
  }

  /** Writes a {@code docker save} archive (also a valid OCI layout) of these images. */
  public void save(List<String> namesOrIds, OutputStream archive) {
    throw new UnsupportedOperationException(namesOrIds.toString() + archive);
  }

  /**
   * Pulls an image. What is here already is not fetched again; a broken download goes on where it
   * stopped.
   *
   * @throws RuntimeFault MANIFEST_UNKNOWN, PULL_DENIED, UNAUTHORIZED, REGISTRY_UNREACHABLE,
   *     BAD_IMAGE
   */
  public Image pull(
      Reference reference,
      Optional<RegistryCredentials> credentials,
      ImageProgress.Listener progress) {
    throw new UnsupportedOperationException(reference.toString() + credentials + progress);
  }

  /**
   * Asks the registry for the digest that a name has now, without pulling; what a manager pins a
   * service's image to.
   */
  public String remoteDigest(Reference reference, Optional<RegistryCredentials> credentials) {
    throw new UnsupportedOperationException(reference.toString() + credentials);
  }
}
