package dev.hanse.control.scheduler;

import dev.hanse.control.allocator.Subnet;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.text.Form;
import dev.hanse.text.Letters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A placement constraint, "node.role==manager". Comparison ignores case, except of label keys.
 *
 * @param key what of the node is compared
 * @param equal whether the values must be equal or must differ
 * @param value the other side
 */
public record Constraint(String key, boolean equal, String value) {
  /** Characters of a key, and of a value. */
  private static final int LENGTH_MAX = 4_096;

  private static final String NODE_LABELS = "node.labels.";
  private static final String ENGINE_LABELS = "engine.labels.";
  private static final Form KEY = Form.of("[a-zA-Z_][a-zA-Z0-9_.-]+", LENGTH_MAX);
  private static final Form VALUE = Form.of("[a-zA-Z0-9:_\\s.*()?+\\[\\]\\\\^$|/-]+", LENGTH_MAX);

  /** Either constraints or what is wrong with one of them. */
  public sealed interface Parsed {
    /** All are well-formed. */
    record Constraints(List<Constraint> constraints) implements Parsed {}

    /** One is not, and why. */
    record Malformed(String reason) implements Parsed {}
  }

  /** Reads constraints as users write them. */
  public static Parsed parse(List<String> expressions) {
    List<Constraint> constraints = new ArrayList<>();
    for (String expression : expressions) {
      int at = expression.indexOf("==");
      boolean equal = at >= 0;
      if (!equal) {
        at = expression.indexOf("!=");
      }
      if (at < 0) {
        return new Parsed.Malformed("constraint expected one operator from ==, !=");
      }
      String key = expression.substring(0, at).trim();
      String value = expression.substring(at + 2).trim();
      if (!KEY.fits(key)) {
        return new Parsed.Malformed("key '" + key + "' is invalid");
      }
      if (!VALUE.fits(value)) {
        return new Parsed.Malformed("value '" + value + "' is invalid");
      }
      constraints.add(new Constraint(key, equal, value));
    }
    return new Parsed.Constraints(List.copyOf(constraints));
  }

  /** Whether a node satisfies it; a key that does not exist is never satisfied. */
  public boolean allows(Node node) {
    String folded = Letters.small(key);
    return switch (folded) {
      case "node.id" -> compares(node.getId());
      case "node.hostname" -> compares(node.getDescription().getHostname());
      case "node.ip" -> comparesAddress(node.getStatus().getAddr());
      case "node.role" -> compares(node.getRole() == NodeRole.MANAGER ? "MANAGER" : "WORKER");
      case "node.platform.os" -> compares(node.getDescription().getPlatform().getOs());
      case "node.platform.arch" -> compares(node.getDescription().getPlatform().getArchitecture());
      // Keys are open-ended from here on.
      default -> label(node, folded).map(this::compares).orElse(false);
    };
  }

  private Optional<String> label(Node node, String folded) {
    if (folded.startsWith(NODE_LABELS) && folded.length() > NODE_LABELS.length()) {
      String label = key.substring(NODE_LABELS.length());
      return Optional.of(node.getSpec().getAnnotations().getLabelsOrDefault(label, ""));
    }
    if (folded.startsWith(ENGINE_LABELS) && folded.length() > ENGINE_LABELS.length()) {
      String label = key.substring(ENGINE_LABELS.length());
      return Optional.of(node.getDescription().getEngine().getLabelsOrDefault(label, ""));
    }
    return Optional.empty();
  }

  private boolean compares(String actual) {
    return value.equalsIgnoreCase(actual) == equal;
  }

  private boolean comparesAddress(String actual) {
    Optional<Long> address = Subnet.parseAddress(actual);
    Optional<Subnet> subnet = Subnet.parse(value.contains("/") ? value : value + "/32");
    if (subnet.isEmpty()) {
      return !value.contains("/") && value.contains(":") && compares(actual);
    }
    return (address.isPresent() && subnet.get().contains(address.get())) == equal;
  }
}
