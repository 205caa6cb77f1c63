package dev.hanse.sim.world;

import dev.hanse.sim.time.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What has happened, as a hash that two runs of the same seed share, and as lines if wanted. */
public final class Trace {
  private static final long PRIME = 0x100000001b3L;

  private final Timeline timeline;
  private final boolean recording;
  private final List<String> lines = new ArrayList<>();
  private long hash = 0xcbf29ce484222325L;

  Trace(Timeline timeline, boolean recording) {
    this.timeline = timeline;
    this.recording = recording;
  }

  /** Something has happened; the values are formatted only when lines are wanted. */
  @SuppressWarnings("AnnotateFormatMethod") // its annotation would be another dependency
  public void line(String format, Object... values) {
    mix(timeline.nanos());
    mix(format.hashCode());
    for (Object value : values) {
      mix(String.valueOf(value).hashCode());
    }
    if (recording) {
      String text = format.formatted(values);
      lines.add(String.format(Locale.ROOT, "%10.4f %s", timeline.nanos() / 1e9, text));
    }
  }

  /** Something that is not worth a line. */
  void mix(long value) {
    hash = (hash ^ value) * PRIME;
  }

  /** The same for the same run. */
  public long hash() {
    return hash;
  }

  /** What was recorded. */
  public List<String> lines() {
    return lines;
  }
}
