package dev.hanse.control.command;

import dev.hanse.store.Kind;
import java.util.List;

/**
 * Several writes of which all are done or none. They are decided in order, each on what the former
 * ones leave; the first that is refused has the whole refused. The result is a {@code BatchResult}
 * with the result of each.
 *
 * <p>All or none also on disk: what a batch changes goes into one entry of the log, while the
 * changes of a pass may be cut into several. So a batch whose changes are larger than an entry is
 * refused.
 *
 * @param commands no batches; at most {@link #COMMANDS_MAX}
 * @param expected what else must be as the caller has seen it, for instance what was only read
 */
public record Batch(List<Command> commands, List<ExpectedVersion> expected) implements Command {
  /** The most commands in one batch. */
  public static final int COMMANDS_MAX = 1_000;

  /** The most expectations in one batch. */
  public static final int EXPECTED_MAX = 1_000;

  /** An object has this version; 0: there is no such object. */
  public record ExpectedVersion(Kind<?> kind, String id, long version) {}

  /** Copies the lists. */
  public Batch {
    commands = List.copyOf(commands);
    expected = List.copyOf(expected);
  }
}
