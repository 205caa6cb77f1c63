package dev.hanse.runtime.content;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One line of progress, shaped as the Docker API's JSON stream of {@code POST /images/create}.
 *
 * @param id short layer digest or tag that the line is about, if any
 * @param status {@code Downloading}, {@code Pull complete}, …
 * @param current bytes done, if the line counts
 * @param total bytes in all, if known
 */
public record ImageProgress(
    Optional<String> id, String status, OptionalLong current, OptionalLong total) {

  /** Receives progress; called from several threads, must not block long. */
  @FunctionalInterface
  public interface Listener {
    /** Somebody who does not care. */
    Listener NONE = progress -> {};

    /** One line. */
    void progressed(ImageProgress progress);
  }

  /** A line about the whole. */
  public static ImageProgress of(String status) {
    return new ImageProgress(Optional.empty(), status, OptionalLong.empty(), OptionalLong.empty());
  }

  /** A line about one layer. */
  public static ImageProgress of(String id, String status) {
    return new ImageProgress(Optional.of(id), status, OptionalLong.empty(), OptionalLong.empty());
  }

  /** A line about one layer, with how far it is; the total is zero if unknown. */
  public static ImageProgress of(String id, String status, long current, long total) {
    return new ImageProgress(
        Optional.of(id),
        status,
        OptionalLong.of(current),
        total > 0 ? OptionalLong.of(total) : OptionalLong.empty());
  }
}
