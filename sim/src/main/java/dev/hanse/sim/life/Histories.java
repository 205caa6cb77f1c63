package dev.hanse.sim.life;

import dev.hanse.sim.check.Violation;
import dev.hanse.sim.history.Linearizability;
import dev.hanse.sim.history.Linearizability.Verdict;
import dev.hanse.sim.history.Operation;
import dev.hanse.sim.history.Register;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What clients have done to each service, by its name. */
final class Histories {
  private final Map<String, List<Operation<Register.Action>>> byName = new TreeMap<>();
  private int answered;

  void add(String name, Operation<Register.Action> operation) {
    byName.computeIfAbsent(name, key -> new ArrayList<>()).add(operation);
    answered += operation.isOpen() ? 0 : 1;
  }

  /** Operations whose success was answered. */
  int answered() {
    return answered;
  }

  Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  void check() {
    byName.forEach(
        (name, operations) -> {
          if (Linearizability.check(new Register(), operations)
              instanceof Verdict.Impossible impossible) {
            throw new Violation("writes of service " + name + ": " + impossible.text());
          }
        });
  }
}
