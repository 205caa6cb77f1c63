package dev.hanse.control;

import com.google.protobuf.Timestamp;
import dev.hanse.model.Ids;
import java.util.random.RandomGenerator;

/**
 * What a decision may know besides the state.
 *
 * @param now the leader's time
 * @param random source of ids, hardware addresses and the like
 */
public record Context(Timestamp now, RandomGenerator random) {
  /** A new object id. */
  public String newId() {
    return Ids.random(random);
  }
}
