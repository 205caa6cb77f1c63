package dev.hanse.agent.network;

import dev.hanse.model.ContainerSpec.DNSConfig;
import dev.hanse.network.NameServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A resolver configuration (resolv.conf(5)).
 *
 * @param nameServers in their order
 * @param search domains
 * @param options as written
 */
record ResolvConf(List<InetAddress> nameServers, List<String> search, List<String> options) {
  ResolvConf {
    nameServers = List.copyOf(nameServers);
    search = List.copyOf(search);
    options = List.copyOf(options);
  }

  /**
   * Reads a file; one that is not there has nothing in it. Lines that make no sense are skipped.
   */
  static ResolvConf read(Path file) throws IOException {
    List<InetAddress> servers = new ArrayList<>();
    List<String> search = new ArrayList<>();
    List<String> options = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException _) {
      lines = List.of();
    }
    for (String line : lines) {
      List<String> words = List.of(line.strip().split("\\s+"));
      List<String> rest = words.subList(1, words.size());
      switch (words.getFirst()) {
        case "nameserver" -> rest.stream().limit(1).forEach(text -> address(text, servers));
        case "search", "domain" -> {
          search.clear();
          search.addAll(rest);
        }
        case "options" -> options.addAll(rest);
        default -> {}
      }
    }
    return new ResolvConf(servers, search, options);
  }

  private static void address(String text, List<InetAddress> servers) {
    try {
      servers.add(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException notAnAddress) {
      // An interface's scope or a name: nothing that we could ask.
      return;
    }
  }

  /** The servers that a task's own configuration names. */
  static List<InetAddress> servers(DNSConfig config) {
    List<InetAddress> servers = new ArrayList<>();
    config.getNameserversList().forEach(text -> address(text, servers));
    return servers;
  }

  /** As a container on our networks sees it: the name server inside its namespace. */
  ResolvConf forContainer(DNSConfig config) {
    List<String> wanted = config.getOptionsCount() > 0 ? config.getOptionsList() : options;
    List<String> all = new ArrayList<>(wanted);
    if (all.stream().noneMatch(option -> option.startsWith("ndots:"))
        || config.getOptionsCount() == 0) {
      // A service's name has no dots and must not go through the search list first.
      all.removeIf(option -> option.startsWith("ndots:"));
      all.add("ndots:0");
    }
    return new ResolvConf(
        List.of(InetAddress.ofLiteral(NameServer.ADDRESS)), searchOf(config), all);
  }

  /** As a container on the host's network sees it. */
  ResolvConf forHostNetwork(DNSConfig config) {
    List<InetAddress> own = servers(config);
    return new ResolvConf(
        own.isEmpty() ? nameServers : own,
        searchOf(config),
        config.getOptionsCount() > 0 ? config.getOptionsList() : options);
  }

  private List<String> searchOf(DNSConfig config) {
    if (config.getSearchCount() == 0) {
      return search;
    }
    // "." alone means: no search list.
    return config.getSearchList().stream().filter(domain -> !domain.equals(".")).toList();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    nameServers.forEach(
        server -> text.append("nameserver ").append(server.getHostAddress()).append('\n'));
    if (!search.isEmpty()) {
      text.append("search ").append(String.join(" ", search)).append('\n');
    }
    if (!options.isEmpty()) {
      text.append("options ").append(String.join(" ", options)).append('\n');
    }
    return text.toString();
  }
}
