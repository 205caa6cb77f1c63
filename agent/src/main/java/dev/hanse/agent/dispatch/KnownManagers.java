package dev.hanse.agent.dispatch;

import dev.hanse.kernel.file.DurableRecord;
import dev.hanse.model.WeightedPeer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the managers are: given at joining, learned in sessions, kept in a record of one address
 * per line so that a node that starts alone finds them again.
 */
public final class KnownManagers {
  private static final Logger LOG = LoggerFactory.getLogger(KnownManagers.class);
  private static final int COUNT_MAX = 1000;
  private static final int BYTES_MAX = 1 << 20;

  private final Path file;
  private final RandomGenerator random;
  private final Set<String> addresses = new LinkedHashSet<>();
  private final Set<String> failed = new LinkedHashSet<>();

  private KnownManagers(Path file, RandomGenerator random) {
    this.file = file;
    this.random = random;
  }

  /** From a file, which need not exist yet. */
  public static KnownManagers in(Path file, RandomGenerator random) throws IOException {
    KnownManagers managers = new KnownManagers(file, random);
    DurableRecord.read(file, BYTES_MAX, KnownManagers::lines).stream()
        .flatMap(List::stream)
        .limit(COUNT_MAX)
        .forEach(managers.addresses::add);
    return managers;
  }

  private static List<String> lines(byte[] content) throws IOException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(content))
        .toString()
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** Addresses given from outside. */
  public synchronized void add(Collection<String> given) {
    addresses.addAll(given);
    save();
  }

  /** Addresses to try before those known so far, which do not answer as it seems. */
  public synchronized void prefer(Collection<String> given) {
    failed.addAll(addresses);
    failed.removeAll(given);
    add(given);
  }

  /** One that is known is to be tried before the others. */
  synchronized void tryFirst(String address) {
    if (addresses.contains(address)) {
      failed.addAll(addresses);
      failed.remove(address);
    }
  }

  /** A session's list: it replaces what was known. */
  public synchronized void learned(List<WeightedPeer> managers) {
    List<String> present =
        managers.stream()
            .map(manager -> manager.getPeer().getAddr())
            .filter(address -> !address.isEmpty())
            .limit(COUNT_MAX)
            .toList();
    if (!present.isEmpty() && !addresses.equals(new LinkedHashSet<>(present))) {
      addresses.clear();
      addresses.addAll(present);
      failed.retainAll(addresses);
      save();
    }
  }

  /** All addresses. */
  public synchronized List<String> all() {
    return List.copyOf(addresses);
  }

  /**
   * One to try: any that was not tried since the last session; once all were, all have another
   * chance.
   */
  public synchronized Optional<String> choose() {
    List<String> candidates = new ArrayList<>(addresses);
    candidates.removeAll(failed);
    if (candidates.isEmpty()) {
      failed.clear();
      candidates.addAll(addresses);
    }
    return candidates.isEmpty()
        ? Optional.empty()
        : Optional.of(candidates.get(random.nextInt(candidates.size())));
  }

  /**
   * A session with this one has ended, or has not begun.
   *
   * @param served it had begun; failures of others before that mean nothing any more
   */
  synchronized void ended(String address, boolean served) {
    if (served) {
      failed.clear();
    }
    failed.add(address);
  }

  /** The node has left its swarm. */
  public synchronized void clear() {
    addresses.clear();
    failed.clear();
    save();
  }

  private void save() {
    try {
      DurableRecord.write(
          file, addresses.stream().map(address -> address + "\n").collect(Collectors.joining()));
    } catch (IOException refused) {
      LOG.warn("could not save the managers' addresses in {}: {}", file, refused.getMessage());
    }
  }
}
