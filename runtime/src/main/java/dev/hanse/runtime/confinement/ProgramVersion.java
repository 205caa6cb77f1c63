package dev.hanse.runtime.confinement;

import dev.hanse.text.Form;
import java.util.Comparator;
import java.util.Optional;

/**
 * A version such as 1.3.3 or 1.4.0-rc.3 ({@code ~rc.3} with Debian). What a distribution adds
 * behind it does not count.
 *
 * @param candidate number of the release candidate, {@link #RELEASED} for a release
 */
record ProgramVersion(int major, int minor, int patch, int candidate)
    implements Comparable<ProgramVersion> {
  private static final int RELEASED = Integer.MAX_VALUE;
  private static final int LENGTH_MAX = 100;
  private static final Form FORM =
      Form.of(
          "v?([0-9]{1,6})\\.([0-9]{1,6})\\.([0-9]{1,6})(?:[-~](?:rc|beta|alpha)\\.?([0-9]{1,6}))?.*",
          LENGTH_MAX);
  private static final Comparator<ProgramVersion> ORDER =
      Comparator.comparingInt(ProgramVersion::major)
          .thenComparingInt(ProgramVersion::minor)
          .thenComparingInt(ProgramVersion::patch)
          .thenComparingInt(ProgramVersion::candidate);

  /** The version at the beginning of a text; empty if it is none. */
  static Optional<ProgramVersion> of(String text) {
    return FORM.read(text)
        .map(
            parts ->
                new ProgramVersion(
                    Integer.parseInt(parts.part(1)),
                    Integer.parseInt(parts.part(2)),
                    Integer.parseInt(parts.part(3)),
                    parts.optional(4).map(Integer::parseInt).orElse(RELEASED)));
  }

  /** Whether fixes of the one line of releases go to the other's: 1.3.3 and 1.3.9. */
  boolean isSameLine(ProgramVersion other) {
    return major == other.major && minor == other.minor;
  }

  @Override
  public int compareTo(ProgramVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch + (candidate == RELEASED ? "" : "-rc." + candidate);
  }
}
