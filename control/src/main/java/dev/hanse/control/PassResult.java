package dev.hanse.control;

import com.google.protobuf.Timestamp;
import dev.hanse.store.Changes;
import java.util.Optional;

/**
 * What a pass comes to.
 *
 * @param changes to be committed; none if the state is as it should be
 * @param nextDeadline when the next pass has something to do even if nothing changes
 */
public record PassResult(Changes changes, Optional<Timestamp> nextDeadline) {}
