package dev.hanse.sim.raft;

import dev.hanse.raft.log.Member;
import dev.hanse.sim.raft.RaftMessage.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * What a member has written. A write is safe once a sync that began after it has ended; when the
 * power fails, some first part of the writes after that survives and the rest is lost.
 */
public final class RaftDisk {
  private Content safe = new Content();
  private Content present = new Content();
  private final List<Consumer<Content>> unsafe = new ArrayList<>();

  /** Remembered between writes. */
  private Optional<List<Member>> voters = Optional.empty();

  /** A term, a vote, a saved state and the entries after it. */
  private static final class Content {
    private long term;
    private Optional<String> vote = Optional.empty();
    private Optional<Image> image = Optional.empty();
    private final List<Entry> entries = new ArrayList<>();

    private Content copy() {
      Content copy = new Content();
      copy.term = term;
      copy.vote = vote;
      copy.image = image;
      copy.entries.addAll(entries);
      return copy;
    }

    private long base() {
      return image.map(Image::index).orElse(0L);
    }

    private void truncate(long from) {
      entries.subList((int) (from - base() - 1), entries.size()).clear();
    }
  }

  /** An empty disk of a member that knows who votes first. */
  public RaftDisk(List<Member> founders) {
    write(content -> content.entries.add(new Entry.Members(0, List.copyOf(founders))));
    synced(1);
  }

  /** An empty disk of a member that is to be taken in. */
  public RaftDisk() {}

  private void write(Consumer<Content> change) {
    change.accept(present);
    unsafe.add(change);
    voters = Optional.empty();
  }

  long term() {
    return present.term;
  }

  Optional<String> vote() {
    return present.vote;
  }

  Optional<Image> image() {
    return present.image;
  }

  /** The index of the last entry. */
  long lastIndex() {
    return present.base() + present.entries.size();
  }

  /** The term of an entry; empty if it is not there, or only in the saved state's past. */
  Optional<Long> termAt(long index) {
    if (index == present.base()) {
      return Optional.of(present.image.map(Image::lastTerm).orElse(0L));
    }
    return index > present.base() && index <= lastIndex()
        ? Optional.of(entry(index).term())
        : Optional.empty();
  }

  Entry entry(long index) {
    return present.entries.get((int) (index - present.base() - 1));
  }

  /** At most so many entries from an index on. */
  List<Entry> entries(long from, int countMax) {
    int begin = (int) (from - present.base() - 1);
    int end = Math.min(present.entries.size(), begin + countMax);
    return List.copyOf(present.entries.subList(begin, end));
  }

  /** What a leader sends who has everything before an index: entries, or the state. */
  RaftMessage from(long next, int countMax, long committed) {
    Optional<Long> before = termAt(next - 1);
    return before.isPresent()
        ? new RaftMessage.Append(term(), next - 1, before.get(), entries(next, countMax), committed)
        : new RaftMessage.Install(term(), image().orElseThrow());
  }

  /** Who votes, by the last entry that says so. */
  List<Member> voters() {
    if (voters.isEmpty()) {
      voters = Optional.of(votersAt(lastIndex()));
    }
    return voters.get();
  }

  /** Who votes as of an entry. */
  List<Member> votersAt(long index) {
    for (long i = index; i > present.base(); i--) {
      if (entry(i) instanceof Entry.Members members) {
        return members.voters();
      }
    }
    return present.image.map(Image::voters).orElse(List.of());
  }

  void vote(long term, Optional<String> vote) {
    write(
        content -> {
          content.term = term;
          content.vote = vote;
        });
  }

  void append(Entry entry) {
    Optional<List<Member>> known = voters;
    write(content -> content.entries.add(entry));
    if (!(entry instanceof Entry.Members)) {
      voters = known;
    }
  }

  /**
   * Puts a leader's entries in the place of what differs from them. Returns false, and does
   * nothing, if the entry before them is not here.
   */
  boolean take(RaftMessage.Append append) {
    long known = present.base();
    boolean fits =
        append.afterIndex() < known
            || termAt(append.afterIndex()).equals(Optional.of(append.afterTerm()));
    if (!fits) {
      return false;
    }
    long index = append.afterIndex();
    for (Entry entry : append.entries()) {
      index++;
      if (index > known && !termAt(index).equals(Optional.of(entry.term()))) {
        if (index <= lastIndex()) {
          truncate(index);
        }
        append(entry);
      }
    }
    return true;
  }

  /** Is what is here no more recent than a log whose last entry is this? */
  boolean hasNothingAfter(long otherTerm, long otherIndex) {
    long term = termAt(lastIndex()).orElseThrow();
    return otherTerm > term || (otherTerm == term && otherIndex >= lastIndex());
  }

  /** Removes the entries from an index on. */
  private void truncate(long from) {
    write(content -> content.truncate(from));
  }

  /** Puts a saved state in the place of the entries that it contains. */
  void save(Image image) {
    write(
        content -> {
          int contained = (int) Math.min(image.index() - content.base(), content.entries.size());
          content.entries.subList(0, contained).clear();
          content.image = Optional.of(image);
        });
  }

  /** Puts a saved state in the place of everything. */
  void install(Image image) {
    write(
        content -> {
          content.entries.clear();
          content.image = Optional.of(image);
        });
  }

  /** How many writes are not safe yet. */
  int unsafe() {
    return unsafe.size();
  }

  /** A sync that began when so many writes were not safe has ended. */
  void synced(int count) {
    List<Consumer<Content>> done = unsafe.subList(0, count);
    done.forEach(change -> change.accept(safe));
    done.clear();
  }

  /** The power fails. */
  public void loseUnsafe(RandomGenerator random) {
    synced(random.nextInt(unsafe.size() + 1));
    unsafe.clear();
    present = safe.copy();
    voters = Optional.empty();
  }

  /** The process was killed, the machine goes on: the system writes what it has taken. */
  public void keepAll() {
    synced(unsafe.size());
  }
}
