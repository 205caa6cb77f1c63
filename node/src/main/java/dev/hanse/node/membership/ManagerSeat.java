package dev.hanse.node.membership;

import dev.hanse.health.Backoff;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.Role;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerSettings;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.model.SessionMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where this node's manager sits, if its role asks for one. One thread follows the role of the
 * node's certificate: a manager's certificate starts a manager, which joins those that are there; a
 * worker's certificate closes it and removes its log. Agent and tasks do not notice.
 */
final class ManagerSeat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ManagerSeat.class);
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration RETRY_FIRST = Duration.ofSeconds(1);
  private static final Duration RETRY_LAST = Duration.ofSeconds(15);

  /** The other managers may have to elect a leader first, and a large state takes its time. */
  private static final Duration START_MAX = Duration.ofMinutes(5);

  /**
   * What a seat is made of.
   *
   * @param managers "HOST:PORT" of all managers that are known, perhaps this one among them
   */
  record Equipment(
      Ground ground,
      TlsCredentials credentials,
      Supplier<List<String>> managers,
      Consumer<Manager> started) {}

  private final Equipment equipment;
  private final Looks looks = new Looks(this::look);
  private final AtomicBoolean renewed = new AtomicBoolean();
  private final CompletableFuture<Manager> first = new CompletableFuture<>();
  private final Runnable unsubscribe;
  private final OwnerThread thread;
  private volatile SwarmState state;
  private volatile Optional<Manager> manager;
  private volatile String error = "";

  // Owned by the thread while it runs.
  private Duration retry = RETRY_FIRST;
  private Optional<Readmission> readmission = Optional.empty();

  private ManagerSeat(Equipment equipment, SwarmState state, Optional<Manager> manager) {
    this.equipment = equipment;
    this.state = state;
    this.manager = manager;
    this.thread =
        OwnerThread.named(equipment.ground().health(), "manager-seat")
            .virtual()
            .stuckAfter(START_MAX)
            .of(looks);
    this.unsubscribe =
        equipment
            .credentials()
            .onReplace(
                identity -> {
                  renewed.set(true);
                  looks.wake();
                });
  }

  /** A seat that is empty or taken already; {@link #start} begins to follow the role. */
  static ManagerSeat of(Equipment equipment, SwarmState state, Optional<Manager> manager) {
    return new ManagerSeat(equipment, state, manager);
  }

  /** Begins to follow the role. */
  void start() {
    manager.ifPresent(equipment.started());
    manager.ifPresent(first::complete);
    readmission = manager.map(running -> readmission(running));
    thread.start();
  }

  /** The manager, while one runs here. */
  Optional<Manager> manager() {
    return manager;
  }

  /** On which addresses the node takes part. */
  SwarmState state() {
    return state;
  }

  /** Why the manager that should run does not, "" if there is nothing to say. */
  String error() {
    return error;
  }

  /** Completes with the first manager that runs here; fails if the others refuse to take it in. */
  CompletableFuture<Manager> first() {
    return first;
  }

  private Readmission readmission(Manager running) {
    return Readmission.of(equipment.ground().health(), running, this::others);
  }

  private Duration look() {
    if (renewed.getAndSet(false)) {
      retry = RETRY_FIRST;
    }
    boolean wanted = equipment.credentials().identity().role() == Role.MANAGER;
    try {
      if (wanted && manager.isEmpty()) {
        occupy();
      } else if (!wanted && (manager.isPresent() || equipment.ground().files().hasLog())) {
        vacate();
      }
      error = "";
      return IDLE;
    } catch (IOException | ManagerStartException | RuntimeException fault) {
      error = String.valueOf(fault.getMessage());
      LOG.warn("{}: {}", wanted ? "the manager does not start" : "closing the manager", error);
      if (fault instanceof ManagerStartException refused && refused.rejection().isPresent()) {
        first.completeExceptionally(refused);
      }
      Duration pause = retry;
      retry = Backoff.longer(pause, RETRY_LAST);
      return pause;
    }
  }

  private void occupy() throws ManagerStartException, IOException {
    ManagerSettings settings = equipment.ground().manager(state);
    Manager opened =
        state.manager()
            ? Manager.open(settings, equipment.credentials())
            : Manager.join(settings, equipment.credentials(), others());
    try {
      save(true);
    } catch (IOException fault) {
      opened.close();
      throw fault;
    }
    LOG.info("this node is a manager at {}", settings.advertise());
    manager = Optional.of(opened);
    equipment.started().accept(opened);
    first.complete(opened);
    readmission = Optional.of(readmission(opened));
  }

  private List<String> others() {
    String own = state.advertised();
    return equipment.managers().get().stream().filter(address -> !address.equals(own)).toList();
  }

  private void vacate() throws IOException {
    Optional<Manager> leaving = manager;
    manager = Optional.empty();
    endReadmission();
    leaving.ifPresent(Manager::close);
    // A worker's key lies open: nobody could unlock it, and there will be no state to keep secret.
    equipment.credentials().relock(Optional.empty(), () -> {});
    save(false);
    equipment.ground().files().eraseLog();
    LOG.info("this node is a worker");
  }

  private void endReadmission() {
    readmission.ifPresent(Readmission::close);
    readmission = Optional.empty();
  }

  private synchronized void save(boolean complete) throws IOException {
    SwarmState changed = state.withManager(complete);
    equipment.ground().files().save(changed);
    state = changed;
  }

  /**
   * Keeps what a manager says of the swarm's data path port.
   *
   * @return the state, if it has changed
   */
  synchronized Optional<SwarmState> learn(SessionMessage message) throws IOException {
    Optional<SwarmState> learned = state.learned(message);
    if (learned.isPresent()) {
      equipment.ground().files().save(learned.get());
      state = learned.get();
    }
    return learned;
  }

  /** Stops following the role, and the manager; what is on disk stays. */
  @Override
  public void close() {
    unsubscribe.run();
    thread.close();
    endReadmission();
    Optional<Manager> running = manager;
    manager = Optional.empty();
    running.ifPresent(Manager::close);
  }
}
