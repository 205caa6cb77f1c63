package dev.hanse.agent.network.host;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.namespace.Sysctl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwarding of IPv4 packets by the host. Where it was on, it is not ours and stays as it is; where
 * we switched it on, the host forwards for our networks alone, and it is switched off in the end.
 * The kernel sets the flags of all interfaces with it, in both directions: those that were on alone
 * before are on alone again then.
 *
 * <p>A file says that we did, for a restarted daemon. It lives below {@code /run}, as long as the
 * kernel's setting does.
 */
public final class IpForwarding {
  private static final Logger log = LoggerFactory.getLogger(IpForwarding.class);
  private static final String KEY = "net.ipv4.ip_forward";

  /** Begins the lines about interfaces that forwarded before. */
  private static final String INTERFACE = "interface ";

  private final Sysctl settings;
  private final Path mark;

  /**
   * Forwarding of that host.
   *
   * @param directory where is noted what was on before
   */
  public IpForwarding(NetworkNamespace host, Path directory) {
    this.settings = new Sysctl(host);
    this.mark = directory.resolve("forwarding");
  }

  /** Did we switch it on, or would we have to? */
  boolean isOurs() throws IOException {
    return Files.exists(mark) || !isOn();
  }

  private boolean isOn() throws IOException {
    return settings.read(KEY).equals("1");
  }

  /** Switches it on; the file comes first, so that a crash between leaves no open router. */
  void on() throws IOException {
    if (!isOn()) {
      OwnFiles.directoryOf(mark, OwnFiles.OWNER);
      StringBuilder before = new StringBuilder("net.ipv4.ip_forward was 0 before\n");
      for (String name : interfacesThatForward()) {
        before.append(INTERFACE).append(name).append('\n');
      }
      OwnFiles.write(mark, before.toString());
      settings.write(KEY, "1");
      log.info("switched on forwarding of IPv4 packets, for our networks alone");
    }
  }

  /** Switches it off again if we switched it on. */
  void off() throws IOException {
    if (Files.exists(mark)) {
      settings.write(KEY, "0");
      for (String line : Files.readAllLines(mark)) {
        if (line.startsWith(INTERFACE)) {
          restore(line.substring(INTERFACE.length()));
        }
      }
      Files.delete(mark);
      log.info("switched off forwarding of IPv4 packets");
    }
  }

  /** Names with dots are taken for what they are in this form of a key. */
  private static String key(String name) {
    return "net/ipv4/conf/" + name + "/forwarding";
  }

  private List<String> interfacesThatForward() throws IOException {
    List<String> forwarding = new ArrayList<>();
    for (String name : settings.list("net/ipv4/conf")) {
      if (!name.equals("all") && settings.read(key(name)).equals("1")) {
        forwarding.add(name);
      }
    }
    return forwarding;
  }

  private void restore(String name) {
    try {
      settings.write(key(name), "1");
    } catch (IOException | IllegalArgumentException gone) {
      log.debug("interface {} does not forward again: {}", name, gone.toString());
    }
  }
}
