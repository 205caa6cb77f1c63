package dev.hanse.sim.raft;

import dev.hanse.raft.AppliedState;
import dev.hanse.raft.LogUnavailableException;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import dev.hanse.sim.raft.RaftMessage.Append;
import dev.hanse.sim.raft.RaftMessage.Appended;
import dev.hanse.sim.raft.RaftMessage.AskVote;
import dev.hanse.sim.raft.RaftMessage.Behind;
import dev.hanse.sim.raft.RaftMessage.Excluded;
import dev.hanse.sim.raft.RaftMessage.Image;
import dev.hanse.sim.raft.RaftMessage.Install;
import dev.hanse.sim.raft.RaftMessage.Stand;
import dev.hanse.sim.raft.RaftMessage.Vote;
import dev.hanse.sim.time.Timeline;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * One member of a replicated log, after Ongaro and Ousterhout, "In Search of an Understandable
 * Consensus Algorithm", and Ongaro's thesis for the change of members one at a time (4.2), the
 * leader that steps down without a majority (6.2) and the transfer of leadership (3.10). Answers
 * leave only when what they promise is safe on the disk.
 */
public final class RaftMember implements ReplicatedLog {
  private static final long TICK = 50 * Timeline.MS;
  private static final long HEARTBEAT = 100 * Timeline.MS;
  private static final long ELECTION_MIN = 400 * Timeline.MS;
  private static final long ELECTION_MAX = 900 * Timeline.MS;
  private static final int ENTRY_BYTES_MAX = 1 << 20;
  private static final int ENTRIES_AT_ONCE_MAX = 64;

  private final String self;
  private final RaftDisk disk;
  private final AppliedState state;
  private final RaftSite site;
  private final RaftSettings settings;
  private final DiskSync sync;
  private final Voters voters;
  private final AppliedLog entries;
  private final Membership membership;
  private final Set<String> votes = new TreeSet<>();
  private boolean closed;
  private boolean excluded;
  private Role role = Role.FOLLOWER;
  private Optional<String> leader = Optional.empty();
  private Optional<LeaderState> leaderState = Optional.empty();
  private long electionDue;
  private long leaderHeard = Long.MIN_VALUE / 2;

  private enum Role {
    FOLLOWER,
    CANDIDATE,
    LEADER
  }

  /** Starts a member on what its disk holds. */
  public RaftMember(
      String self, RaftDisk disk, AppliedState state, RaftSite site, RaftSettings settings) {
    this.self = self;
    this.disk = disk;
    this.state = state;
    this.site = site;
    this.settings = settings;
    this.voters = new Voters(self, disk);
    this.sync = new DiskSync(disk, site, settings.answerUnsafe());
    this.entries = new AppliedLog(disk, state, this::passed);
    this.membership =
        new Membership(disk, entries, wanted -> write(new Entry.Members(disk.term(), wanted)));
    resetElection();
    site.after(TICK, this::tick);
  }

  // The port.

  @Override
  public CompletableFuture<Long> propose(byte[] entry) {
    if (role != Role.LEADER || closed) {
      return Proposals.notTheLeader();
    }
    return write(new Entry.Change(disk.term(), entry));
  }

  private CompletableFuture<Long> write(Entry entry) {
    append(entry);
    CompletableFuture<Long> result = entries.await(disk.lastIndex());
    replicate();
    return result;
  }

  /** An entry fails only when its term is over. */
  @Override
  public Line line(long term) {
    return entry ->
        disk.term() == term
            ? propose(entry)
            : CompletableFuture.failedFuture(new LogUnavailableException("the leader has changed"));
  }

  @Override
  public int entryBytesMax() {
    return ENTRY_BYTES_MAX;
  }

  @Override
  public long appliedIndex() {
    return entries.applied();
  }

  @Override
  public boolean isLeader() {
    return role == Role.LEADER && leaderState.map(LeaderState::announced).orElse(false);
  }

  @Override
  public Optional<String> leader() {
    return leader;
  }

  @Override
  public List<Member> members() {
    return disk.voters();
  }

  @Override
  public CompletableFuture<Void> addMember(Member member) {
    if (!isLeader()) {
      return Proposals.notTheLeader();
    }
    if (voters.ids().contains(member.nodeId())) {
      return membership.put(member);
    }
    if (membership.isAnyJoining()) {
      return Membership.busy();
    }
    CompletableFuture<Void> joined = membership.join(member, site.nanos());
    leaderState.orElseThrow().forget(member.nodeId());
    sendEntries(member.nodeId());
    return joined;
  }

  @Override
  public CompletableFuture<Void> removeMember(String nodeId) {
    return isLeader() ? membership.remove(nodeId) : Proposals.notTheLeader();
  }

  @Override
  public CompletableFuture<Void> transferLeadership() {
    leaderState
        .flatMap(mine -> mine.mostAdvanced(voters.others()))
        .ifPresent(heir -> send(heir, new Stand(disk.term())));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {
    closed = true;
    role = Role.FOLLOWER;
    leaderState = Optional.empty();
    membership.end("closed");
    entries.failAll("closed");
  }

  /** The other voters that this leader has heard of since then. */
  public List<String> heardSince(long nanos) {
    return leaderState.map(mine -> mine.heardSince(voters.others(), nanos)).orElse(List.of());
  }

  /** The term that this member is in. */
  public long term() {
    return disk.term();
  }

  // Time.

  private void tick() {
    if (closed) {
      return;
    }
    long now = site.nanos();
    if (role == Role.LEADER) {
      LeaderState mine = leaderState.orElseThrow();
      if (now - mine.heartbeatSent() >= HEARTBEAT) {
        mine.heartbeat(now);
        membership.with(voters.others()).forEach(this::sendEntries);
      }
      membership.look(now);
      if (settings.stepDownAlone() && !mine.hearsMajority(voters.ids(), self, now - ELECTION_MAX)) {
        site.note("steps down: hears no majority");
        stepDown(disk.term(), Optional.empty());
      }
    } else if (now >= electionDue) {
      stand(false);
    }
    site.after(TICK, this::tick);
  }

  private void resetElection() {
    electionDue = site.nanos() + site.random().nextLong(ELECTION_MIN, ELECTION_MAX);
  }

  private void stand(boolean ordered) {
    resetElection();
    if (excluded || !voters.ids().contains(self)) {
      stepDown(disk.term(), Optional.empty());
      return;
    }
    role = Role.CANDIDATE;
    leader = Optional.empty();
    votes.clear();
    writeVote(disk.term() + 1, Optional.of(self));
    long term = disk.term();
    AskVote question =
        new AskVote(term, disk.lastIndex(), disk.termAt(disk.lastIndex()).orElseThrow(), ordered);
    voters.others().forEach(other -> send(other, question));
    sync.whenSafe(() -> countVote(self, term));
  }

  private void countVote(String voter, long term) {
    if (role == Role.CANDIDATE && term == disk.term()) {
      votes.add(voter);
      long count = voters.ids().stream().filter(votes::contains).count();
      if (count * 2 > voters.ids().size()) {
        lead();
      }
    }
  }

  private void lead() {
    site.note("leads in term " + disk.term());
    role = Role.LEADER;
    leader = Optional.of(self);
    leaderState = Optional.of(new LeaderState(disk.lastIndex() + 1, site.nanos()));
    append(new Entry.Begin(disk.term()));
    state.leaderChanged(leader);
    replicate();
  }

  private void stepDown(long term, Optional<String> newLeader) {
    boolean announced = isLeader();
    if (term > disk.term()) {
      writeVote(term, Optional.empty());
    }
    if (role == Role.LEADER) {
      site.note("leads no more");
      resetElection();
    }
    role = Role.FOLLOWER;
    leaderState = Optional.empty();
    membership.end("this member does not lead any more");
    if (!leader.equals(newLeader)) {
      leader = newLeader;
      state.leaderChanged(leader);
    }
    if (announced) {
      state.leadership(OptionalLong.empty());
    }
    entries.failAll("this member does not lead any more");
  }

  // Messages.

  private void send(String to, RaftMessage message) {
    if (closed) {
      return;
    }
    String from = self;
    site.send(to, receiver -> receiver.receive(from, message));
  }

  private void receive(String from, RaftMessage message) {
    if (closed) {
      return;
    }
    boolean steady = site.nanos() - leaderHeard < ELECTION_MIN || role == Role.LEADER;
    if (message instanceof AskVote question && steady && !question.ordered()) {
      if (role == Role.LEADER && membership.isOver(from)) {
        send(from, new Excluded(disk.term()));
      }
      return; // A member that was cut off, or removed, does not disturb the others.
    }
    if (message.term() > disk.term()) {
      stepDown(message.term(), Optional.empty());
    }
    switch (message) {
      case AskVote question -> asked(from, question);
      case Vote vote -> countVote(from, vote.term());
      case Append append -> appended(from, append);
      case Appended answer -> advanced(from, answer);
      case Behind answer -> behind(from, answer);
      case Install install -> installed(from, install);
      case Excluded answer -> excluded |= role == Role.CANDIDATE;
      case Stand order -> {
        if (order.term() == disk.term() && role == Role.FOLLOWER) {
          stand(true);
        }
      }
    }
  }

  private void asked(String from, AskVote question) {
    boolean recent = disk.hasNothingAfter(question.lastTerm(), question.lastIndex());
    boolean free = disk.vote().isEmpty() || disk.vote().get().equals(from);
    if (question.term() == disk.term() && role == Role.FOLLOWER && recent && free) {
      writeVote(disk.term(), Optional.of(from));
      resetElection();
      Vote vote = new Vote(disk.term());
      sync.whenSafe(() -> send(from, vote));
    }
  }

  private boolean follow(String from, RaftMessage message) {
    if (message.term() < disk.term()) {
      send(from, new Behind(disk.term(), disk.lastIndex()));
      return false;
    }
    if (role != Role.FOLLOWER || !leader.equals(Optional.of(from))) {
      stepDown(message.term(), Optional.of(from));
    }
    leaderHeard = site.nanos();
    excluded = false;
    resetElection();
    return true;
  }

  private void appended(String from, Append append) {
    if (!follow(from, append)) {
      return;
    }
    if (!disk.take(append)) {
      send(from, new Behind(disk.term(), Math.min(disk.lastIndex(), append.afterIndex() - 1)));
      return;
    }
    long index = append.afterIndex() + append.entries().size();
    Appended answer = new Appended(disk.term(), index);
    sync.whenSafe(() -> send(from, answer));
    commit(Math.min(append.committed(), index));
  }

  private void advanced(String from, Appended answer) {
    if (role == Role.LEADER && answer.term() == disk.term()) {
      LeaderState mine = leaderState.orElseThrow();
      mine.heard(from, site.nanos());
      mine.of(from).has(answer.index());
      commitWhatMajorityHas();
      membership.has(from, answer.index());
      if (role == Role.LEADER && mine.of(from).next() <= disk.lastIndex()) {
        sendEntries(from);
      }
    }
  }

  private void behind(String from, Behind answer) {
    if (role == Role.LEADER && answer.term() == disk.term()) {
      LeaderState mine = leaderState.orElseThrow();
      mine.heard(from, site.nanos());
      if (mine.of(from).lacksAfter(answer.lastIndex())) {
        sendEntries(from);
      }
    }
  }

  private void installed(String from, Install install) {
    if (!follow(from, install)) {
      return;
    }
    Image image = install.image();
    if (disk.termAt(image.index()).equals(Optional.of(image.lastTerm()))) {
      // Everything in it is here already; what comes after it may have been acknowledged.
      commit(image.index());
    } else if (image.index() > entries.committed()) {
      disk.install(image);
      entries.restore(image);
    }
    Appended answer = new Appended(disk.term(), image.index());
    sync.whenSafe(() -> send(from, answer));
  }

  // Replication.

  private void append(Entry entry) {
    disk.append(entry);
    long index = disk.lastIndex();
    long term = disk.term();
    sync.whenSafe(
        () -> {
          if (role == Role.LEADER && disk.term() == term) {
            leaderState.ifPresent(mine -> mine.of(self).has(index));
            commitWhatMajorityHas();
          }
        });
  }

  private void replicate() {
    LeaderState mine = leaderState.orElseThrow();
    for (String other : membership.with(voters.others())) {
      if (mine.of(other).mayBeSent(site.nanos(), HEARTBEAT)) {
        sendEntries(other);
      }
    }
  }

  private void sendEntries(String to) {
    LeaderState.Progress progress = leaderState.orElseThrow().of(to);
    progress.sent(site.nanos());
    send(to, disk.from(progress.next(), ENTRIES_AT_ONCE_MAX, entries.committed()));
  }

  private void commitWhatMajorityHas() {
    if (leaderState.isEmpty()) {
      return;
    }
    long index = leaderState.get().majorityHas(voters.ids());
    if (index > entries.committed() && disk.termAt(index).equals(Optional.of(disk.term()))) {
      commit(index);
      if (role == Role.LEADER && !voters.ids().contains(self)) {
        stepDown(disk.term(), Optional.empty());
      }
    }
  }

  private void commit(long index) {
    entries.commit(index);
    if (entries.save(settings.entriesBeforeImage())) {
      sync.whenSafe(() -> {});
    }
  }

  /** The first entry of a term is applied, and with it all that came before. */
  private void passed(long index) {
    leaderState
        .filter(mine -> mine.firstIndex() == index)
        .ifPresent(
            mine -> {
              mine.announce();
              state.leadership(OptionalLong.of(disk.term()));
            });
  }

  private void writeVote(long term, Optional<String> vote) {
    disk.vote(term, vote);
    sync.whenSafe(() -> {});
  }
}
