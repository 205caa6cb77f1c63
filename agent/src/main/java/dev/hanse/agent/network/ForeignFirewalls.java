package dev.hanse.agent.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.RulesetGeneration;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.network.Names;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
  private static final Set<String> OUR_TABLES = Set.of(Names.TABLE, Names.GUARD_TABLE);
  private static final String COMMENT = "hanse";
  private static final Path LEGACY_TABLES = Path.of("/proc/thread-self/net/ip_tables_names");
  private static final String LEGACY = "iptables-legacy";
  private static final int LEGACY_TIMEOUT_SECONDS = 10;

  private record Chain(String family, String table, String name) {
    String nft() {
      return family + " " + table + " " + name;
    }
  }

  private final NetworkNamespace host;
  private final Nftables nftables;
  private final RulesetGeneration generation;
  private OptionalLong seen = OptionalLong.empty();
  private boolean legacyMissing;

  ForeignFirewalls(NetworkNamespace host) {
    this.host = host;
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
    if (legacyFilterInUse()) {
      for (String direction : List.of("-i", "-o")) {
        if (!legacy("-C", direction)) {
          legacy("-I", direction);
        }
      }
    }
  }

  /** Leaves everything as it is. */
  void release() {
    generation.close();
  }

  /** Takes our rules out again. */
  void close() throws InterruptedException {
    for (Chain chain : chains()) {
      removeFrom(chain);
    }
    if (legacyFilterInUse()) {
      for (String direction : List.of("-i", "-o")) {
        boolean more = legacy("-C", direction);
        while (more) {
          more = legacy("-D", direction) && legacy("-C", direction);
        }
      }
    }
  }

  private static String insert(Chain chain, String direction) {
    return "insert rule %s %s \"%s*\" counter accept comment \"%s\"\n"
        .formatted(chain.nft(), direction, Names.BRIDGE_PREFIX, COMMENT);
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

  /** The old kernel interface, which nftables does not show; asking it would load its modules. */
  private boolean legacyFilterInUse() {
    if (legacyMissing) {
      return false;
    }
    try {
      return host.call(
          () ->
              Files.exists(LEGACY_TABLES)
                  && Files.readString(LEGACY_TABLES).lines().anyMatch("filter"::equals));
    } catch (IOException fault) {
      throw new UncheckedIOException("read " + LEGACY_TABLES, fault);
    }
  }

  /** Runs iptables-legacy on our rule of a direction; true when it succeeds. */
  private boolean legacy(String operation, String direction) throws InterruptedException {
    ProcessBuilder command =
        new ProcessBuilder(
                "nsenter",
                "--net=" + host.path(),
                LEGACY,
                "-w",
                "5",
                operation,
                "FORWARD",
                direction,
                Names.BRIDGE_PREFIX + "+",
                "-m",
                "comment",
                "--comment",
                COMMENT,
                "-j",
                "ACCEPT")
            .redirectErrorStream(true);
    try {
      Process process = command.start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(LEGACY_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      if (process.exitValue() == 127) {
        legacyMissing = true;
        log.warn("the kernel has a filter of {}, which is not installed: {}", LEGACY, output);
      } else if (process.exitValue() != 0 && !operation.equals("-C")) {
        log.warn("{} {} failed: {}", LEGACY, operation, output);
      }
      return process.exitValue() == 0;
    } catch (IOException fault) {
      legacyMissing = true;
      log.warn("cannot run {}: {}", LEGACY, fault.toString());
      return false;
    }
  }
}
