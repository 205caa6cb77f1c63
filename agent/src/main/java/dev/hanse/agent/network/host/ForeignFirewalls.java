package dev.hanse.agent.network.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hanse.health.Health;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.RulesetGeneration;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.network.KernelNames;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Other programs' chains at the forward hook. What one chain accepts another may still drop, so a
 * policy of DROP (Docker sets it) would cut our networks off: each such chain gets two rules of
 * ours at its top that accept what comes from or goes to our bridges. Our own tables have decided
 * before which of that is allowed, the administrator's chain {@code hanse-user} first of all.
 */
final class ForeignFirewalls {
  private static final Logger log = LoggerFactory.getLogger(ForeignFirewalls.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> FAMILIES = Set.of("ip", "inet");
  private static final Set<String> OUR_TABLES = Set.of(KernelNames.TABLE, KernelNames.GUARD_TABLE);
  static final String COMMENT = "hanse";

  private record Chain(String family, String table, String name) {
    String nft() {
      return family + " " + table + " " + name;
    }
  }

  private final LegacyFirewall legacy;
  private final Nftables nftables;
  private final RulesetGeneration generation;
  private OptionalLong seen = OptionalLong.empty();

  ForeignFirewalls(Health health, NetworkNamespace host) {
    this.legacy = new LegacyFirewall(health, host);
    this.generation = RulesetGeneration.open(host);
    this.nftables = new Nftables(host);
  }

  /** Inserts what is missing. */
  void open() throws InterruptedException {
    OptionalLong now = OptionalLong.of(generation.now());
    if (!now.equals(seen)) {
      for (Chain chain : chains()) {
        long ours = rules(chain).size();
        if (ours < 2) {
          removeFrom(chain);
          log.info("letting our networks pass the chain {} of another program", chain.nft());
          nftables.apply(insert(chain, "oifname") + insert(chain, "iifname"));
        }
      }
      // What we have just inserted is looked at once more, the next time.
      seen = now;
    }
    legacy.open();
  }

  /** Leaves everything as it is. */
  void release() {
    generation.close();
    legacy.release();
  }

  /** Takes our rules out again; they may be wanted anew. */
  void close() throws InterruptedException {
    removeFromAll();
    legacy.close();
  }

  /** Ends and takes our rules out, which is done when this returns. */
  void remove() throws InterruptedException {
    removeFromAll();
    legacy.remove();
  }

  private void removeFromAll() {
    for (Chain chain : chains()) {
      removeFrom(chain);
    }
  }

  private static String insert(Chain chain, String direction) {
    return "insert rule %s %s \"%s*\" counter accept comment \"%s\"\n"
        .formatted(chain.nft(), direction, KernelNames.BRIDGE_PREFIX, COMMENT);
  }

  /** Chains of others at the forward hook that may drop something. */
  private List<Chain> chains() {
    List<Chain> found = new ArrayList<>();
    for (JsonNode object : list("list chains")) {
      JsonNode chain = object.path("chain");
      boolean ours = OUR_TABLES.contains(chain.path("table").asText());
      if (chain.path("hook").asText().equals("forward")
          && chain.path("type").asText().equals("filter")
          && FAMILIES.contains(chain.path("family").asText())
          && !ours) {
        Chain candidate =
            new Chain(
                chain.path("family").asText(),
                chain.path("table").asText(),
                chain.path("name").asText());
        if (chain.path("policy").asText().equals("drop") || hasRules(candidate)) {
          found.add(candidate);
        }
      }
    }
    return found;
  }

  private boolean hasRules(Chain chain) {
    for (JsonNode object : list("list chain " + chain.nft())) {
      if (object.has("rule")) {
        return true;
      }
    }
    return false;
  }

  /** Handles of our rules in a chain. */
  private List<Long> rules(Chain chain) {
    List<Long> handles = new ArrayList<>();
    for (JsonNode object : list("list chain " + chain.nft())) {
      JsonNode rule = object.path("rule");
      if (rule.path("comment").asText().equals(COMMENT)) {
        handles.add(rule.path("handle").asLong());
      }
    }
    return handles;
  }

  private void removeFrom(Chain chain) {
    StringBuilder commands = new StringBuilder();
    for (long handle : rules(chain)) {
      commands.append("delete rule %s handle %d\n".formatted(chain.nft(), handle));
    }
    if (!commands.isEmpty()) {
      nftables.apply(commands.toString());
    }
  }

  private JsonNode list(String command) {
    try {
      return JSON.readTree(nftables.listJson(command)).path("nftables");
    } catch (NftablesException gone) {
      // A chain that vanished between two listings.
      return JSON.createArrayNode();
    } catch (JsonProcessingException fault) {
      throw new UncheckedIOException(command, fault);
    }
  }
}
