package dev.hanse.control.decision;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Batch;
import dev.hanse.control.command.Batch.ExpectedVersion;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ResourceCommand;
import dev.hanse.control.command.ResourceCommand.CreateResource;
import dev.hanse.control.command.ResourceCommand.RemoveResource;
import dev.hanse.control.command.ResourceCommand.UpdateResource;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.model.Annotations;
import dev.hanse.model.BatchResult;
import dev.hanse.model.Resource;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Several writes as one, and writes on resources. */
final class BatchTest {
  private final Context context =
      new Context(Timestamp.newBuilder().setSeconds(1_000).build(), new SplittableRandom(1));
  private Snapshot state = Snapshot.empty();

  private static CreateSecret secret(String name) {
    return new CreateSecret(
        SecretSpec.newBuilder()
            .setAnnotations(Annotations.newBuilder().setName(name))
            .setData(com.google.protobuf.ByteString.copyFromUtf8("x"))
            .build());
  }

  private static Batch batch(Command... commands) {
    return new Batch(List.of(commands), List.of());
  }

  private Decision decide(Command command) {
    Decision decision = Commands.decide(state, command, context);
    if (decision instanceof Decision.Accepted accepted) {
      state = state.preview(accepted.changes());
    }
    return decision;
  }

  private static Rejection rejection(Decision decision) {
    return decision instanceof Decision.Refused(Rejection rejection)
        ? rejection
        : new Rejection.Unimplemented("accepted");
  }

  private List<String> names() {
    return state.all(Kind.SECRET).stream().map(Kind.SECRET::nameOf).sorted().toList();
  }

  @Test
  void allAreDoneEachOnWhatTheFormerOnesLeave() throws InvalidProtocolBufferException {
    decide(secret("old"));
    String old = Kind.SECRET.id(state.all(Kind.SECRET).iterator().next());
    Decision decision = decide(batch(secret("a"), new RemoveSecret(old), secret("old")));
    assertThat(names()).containsExactly("a", "old");
    assertThat(state.find(Kind.SECRET, old)).isEmpty();
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    BatchResult result = (BatchResult) ((Decision.Accepted) decision).result().orElseThrow();
    assertThat(result.getResultsList()).hasSize(3);
    assertThat(result.getResults(0).unpack(Secret.class).getSpec().getAnnotations().getName())
        .isEqualTo("a");
    assertThat(result.getResults(1)).isEqualTo(Any.getDefaultInstance());
  }

  @Test
  void noneIsDoneIfOneIsRefused() {
    decide(secret("there"));
    Snapshot before = state;
    assertThat(rejection(decide(batch(secret("a"), secret("there"), secret("b")))))
        .isEqualTo(new Rejection.AlreadyExists("secret there already exists"));
    assertThat(rejection(decide(batch(secret("a"), secret("a")))))
        .isEqualTo(new Rejection.AlreadyExists("secret a already exists"));
    assertThat(state).isSameAs(before);
  }

  @Test
  void whatWasOnlyReadMayBeExpectedToBeAsItWas() {
    decide(secret("read"));
    Secret read = state.all(Kind.SECRET).iterator().next();
    long version = read.getMeta().getVersion().getIndex();
    ExpectedVersion seen = new ExpectedVersion(Kind.SECRET, read.getId(), version);
    ExpectedVersion stale = new ExpectedVersion(Kind.SECRET, read.getId(), version + 1);
    ExpectedVersion absent = new ExpectedVersion(Kind.NETWORK, "none", 0);
    ExpectedVersion gone = new ExpectedVersion(Kind.NETWORK, "none", 4);
    ExpectedVersion notAbsent = new ExpectedVersion(Kind.SECRET, read.getId(), 0);
    List<Command> write = List.of(secret("written"));
    Rejection outdated = new Rejection.FailedPrecondition("update out of sequence");
    assertThat(rejection(decide(new Batch(write, List.of(seen, stale))))).isEqualTo(outdated);
    assertThat(rejection(decide(new Batch(write, List.of(notAbsent))))).isEqualTo(outdated);
    assertThat(rejection(decide(new Batch(write, List.of(gone)))))
        .isEqualTo(new Rejection.NotFound("network none not found"));
    assertThat(names()).containsExactly("read");
    decide(new Batch(write, List.of(seen, absent)));
    assertThat(names()).containsExactly("read", "written");
  }

  @Test
  void aBatchHasLimitsAndHoldsNoBatches() {
    Command removal = new RemoveSecret("none");
    assertThat(rejection(decide(new Batch(Collections.nCopies(1_000, removal), List.of()))))
        .isEqualTo(new Rejection.NotFound("secret none not found"));
    assertThat(rejection(decide(new Batch(Collections.nCopies(1_001, removal), List.of()))))
        .isEqualTo(new Rejection.Invalid("a batch has at most 1000 commands"));
    ExpectedVersion expected = new ExpectedVersion(Kind.NODE, "none", 0);
    assertThat(rejection(decide(new Batch(List.of(), Collections.nCopies(1_001, expected)))))
        .isEqualTo(new Rejection.Invalid("a batch expects at most 1000 versions"));
    assertThat(rejection(decide(batch(secret("a"), batch(secret("b"))))))
        .isEqualTo(new Rejection.Invalid("a batch holds no batches"));
    assertThat(names()).isEmpty();
  }

  /** A kind whose resources hold secrets' specifications that are not named "bad". */
  private static final ResourceKinds KINDS =
      new ResourceKinds(
          List.of(
              new ResourceKind<>(
                  "note",
                  SecretSpec.class,
                  (snapshot, resource, payload) ->
                      payload.getAnnotations().getName().equals("bad")
                          ? Optional.of(new Rejection.Invalid("a bad note"))
                          : Optional.empty(),
                  (snapshot, resource) ->
                      resource.getAnnotations().getName().equals("kept")
                          ? Optional.of(new Rejection.FailedPrecondition("in use"))
                          : Optional.empty())));

  private Decision note(ResourceCommand command) {
    Decision decision =
        new ResourceDecisions(new Transaction(state, context.now()), context, KINDS)
            .decide(command);
    if (decision instanceof Decision.Accepted accepted) {
      state = state.preview(accepted.changes());
    }
    return decision;
  }

  private static Annotations named(String name) {
    return Annotations.newBuilder().setName(name).build();
  }

  private static Any payload(String name) {
    return Any.pack(SecretSpec.newBuilder().setAnnotations(named(name)).build());
  }

  private Resource resource(String name) {
    return state
        .findByName(Kind.RESOURCE, Kind.resourceName("note", name))
        .orElseThrow(AssertionError::new);
  }

  @Test
  void aResourceIsWhatItsKindSays() {
    note(new CreateResource("note", named("/a/b"), payload("good")));
    assertThat(rejection(note(new CreateResource("note", named("/a/b"), payload("good")))))
        .isEqualTo(new Rejection.AlreadyExists("note /a/b already exists"));
    assertThat(rejection(note(new CreateResource("note", named("x"), payload("bad")))))
        .isEqualTo(new Rejection.Invalid("a bad note"));
    assertThat(rejection(note(new CreateResource("letter", named("x"), payload("good")))))
        .isEqualTo(new Rejection.Invalid("unknown kind of resource 'letter'"));
    assertThat(rejection(note(new CreateResource("note", named(""), payload("good")))))
        .isEqualTo(new Rejection.Invalid("meta: name must be provided"));
    assertThat(rejection(note(new CreateResource("note", named("n".repeat(1_025)), payload("")))))
        .isEqualTo(new Rejection.Invalid("name must be 1024 characters or fewer"));
    note(new CreateResource("note", named("n".repeat(1_024)), payload("good")));
    assertThat(
            rejection(note(new CreateResource("note", named("x"), Any.pack(named("no note")))))
                .message())
        .startsWith("a resource of kind note holds SecretSpec, not ");
    assertThat(state.resourcesOfKind("note")).hasSize(2);
    assertThat(state.resourcesOfKind("letter")).isEmpty();
  }

  @Test
  void aResourceChangesIfItsAuthorHasSeenIt() {
    note(new CreateResource("note", named("a"), payload("first")));
    Resource made = resource("a");
    long version = made.getMeta().getVersion().getIndex();
    String id = made.getId();
    assertThat(rejection(note(new UpdateResource(id, version + 1, named("a"), payload("second")))))
        .isEqualTo(new Rejection.FailedPrecondition("update out of sequence"));
    assertThat(rejection(note(new UpdateResource(id, version, named("b"), payload("second")))))
        .isEqualTo(new Rejection.Invalid("renaming note is not supported"));
    assertThat(rejection(note(new UpdateResource(id, version, named("a"), payload("bad")))))
        .isEqualTo(new Rejection.Invalid("a bad note"));
    note(new UpdateResource(id, version, named("a"), payload("second")));
    assertThat(resource("a").getPayload()).isEqualTo(payload("second"));
  }

  @Test
  void aResourceGoesUnlessItsKindKeepsIt() {
    note(new CreateResource("note", named("kept"), payload("")));
    note(new CreateResource("note", named("a"), payload("")));
    assertThat(rejection(note(new RemoveResource(resource("kept").getId()))))
        .isEqualTo(new Rejection.FailedPrecondition("in use"));
    note(new RemoveResource(resource("a").getId()));
    assertThat(state.resourcesOfKind("note")).hasSize(1);
    assertThat(rejection(note(new RemoveResource("none"))))
        .isEqualTo(new Rejection.NotFound("resource none not found"));
    // One that another version has left, of a kind that this program does not know.
    assertThat(rejection(decide(new RemoveResource(resource("kept").getId()))).message())
        .isEqualTo("accepted");
  }
}
