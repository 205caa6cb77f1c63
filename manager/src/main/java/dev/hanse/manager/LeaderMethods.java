package dev.hanse.manager;

import dev.hanse.manager.leader.LeaderTerms;
import io.grpc.HandlerRegistry;
import io.grpc.ServerMethodDefinition;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The methods that only the leader serves. Looked up at each call: while this manager leads they
 * are those of its {@link LeaderTerms term}, otherwise something else is done with them.
 */
final class LeaderMethods extends HandlerRegistry {
  private final Set<String> names;
  private final LeaderTerms terms;
  private final Function<String, ServerMethodDefinition<?, ?>> otherwise;

  /**
   * Creates the registry.
   *
   * @param names full names of all methods that managers serve
   * @param otherwise what serves a method while this manager does not lead
   */
  LeaderMethods(
      Set<String> names,
      LeaderTerms terms,
      Function<String, ServerMethodDefinition<?, ?>> otherwise) {
    this.names = Set.copyOf(names);
    this.terms = terms;
    this.otherwise = otherwise;
  }

  @Override
  public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
      String name, @Nullable String authority) {
    if (!names.contains(name)) {
      return null;
    }
    var term = terms.current();
    return term.isPresent() ? term.get().method(name).orElse(null) : otherwise.apply(name);
  }
}
