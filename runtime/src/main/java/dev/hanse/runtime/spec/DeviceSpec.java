package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Device nodes of a container and the rules of its device cgroup. */
final class DeviceSpec {
  private static final int TYPE_BITS = 0170000;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;
  private static final int DEVICES_MAX = 10_000;
  private static final Set<String> NOT_OF_THE_HOST =
      Set.of("pts", "shm", "fd", "mqueue", "console", ".udev");

  /** null, zero, full, random, urandom, tty, console: by major and minor number. */
  private static final List<int[]> ALLOWED =
      List.of(
          new int[] {1, 5},
          new int[] {1, 3},
          new int[] {1, 9},
          new int[] {1, 8},
          new int[] {5, 0},
          new int[] {5, 1});

  private DeviceSpec() {}

  private record Node(
      String path, char type, long major, long minor, int mode, int user, int group) {}

  static void write(ContainerSettings settings, ArrayNode devices, ArrayNode rules) {
    if (settings.security().privileged()) {
      nodes(Path.of("/dev"), "/dev").forEach(node -> add(devices, node));
      rules.addObject().put("allow", true).put("access", "rwm");
      return;
    }
    rules.addObject().put("allow", false).put("access", "rwm");
    ALLOWED.forEach(numbers -> rule(rules, true, 'c', numbers[0], numbers[1], "rwm"));
    for (ContainerDevice device : settings.devices()) {
      List<Node> nodes = nodes(device.hostPath(), device.containerPath());
      if (nodes.isEmpty()) {
        throw new RuntimeFault(
            RuntimeFault.Kind.INVALID,
            "error gathering device information while adding custom device \""
                + device.hostPath()
                + "\": not a device node");
      }
      for (Node node : nodes) {
        add(devices, node);
        rule(rules, true, node.type(), node.major(), node.minor(), device.permissions());
      }
    }
  }

  private static void rule(
      ArrayNode rules, boolean allow, char type, long major, long minor, String access) {
    rules
        .addObject()
        .put("allow", allow)
        .put("type", String.valueOf(type))
        .put("major", major)
        .put("minor", minor)
        .put("access", access);
  }

  private static void add(ArrayNode devices, Node node) {
    ObjectNode entry =
        devices
            .addObject()
            .put("path", node.path())
            .put("type", String.valueOf(node.type()))
            .put("major", node.major())
            .put("minor", node.minor())
            .put("fileMode", node.mode() & 07777);
    entry.put("uid", node.user()).put("gid", node.group());
  }

  /** The node, or all nodes in a directory and below. */
  private static List<Node> nodes(Path host, String target) {
    var found = new ArrayList<Node>();
    try (Stream<Path> paths = Files.walk(host.toRealPath())) {
      Path root = host.toRealPath();
      for (Path path : (Iterable<Path>) paths.limit(DEVICES_MAX)::iterator) {
        Path relative = root.relativize(path);
        if (!NOT_OF_THE_HOST.contains(relative.getName(0).toString())) {
          String inside = relative.toString();
          node(path, inside.isEmpty() ? target : target + "/" + inside).ifPresent(found::add);
        }
      }
      return found;
    } catch (IOException | java.io.UncheckedIOException failure) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INVALID,
          "error gathering device information while adding custom device \""
              + host
              + "\": no such file or directory",
          failure);
    }
  }

  private static Optional<Node> node(Path path, String target) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:mode,rdev,uid,gid", LinkOption.NOFOLLOW_LINKS);
    int mode = (int) number(attributes, "mode");
    long numbers = number(attributes, "rdev");
    int type = mode & TYPE_BITS;
    if (type != CHARACTER && type != BLOCK) {
      return Optional.empty();
    }
    // makedev(3): the minor's upper bits lie above the major's.
    long major = ((numbers >>> 8) & 0xfff) | ((numbers >>> 32) & ~0xfffL);
    long minor = (numbers & 0xff) | ((numbers >>> 12) & ~0xffL);
    return Optional.of(
        new Node(
            target,
            type == CHARACTER ? 'c' : 'b',
            major,
            minor & 0xffffffffL,
            mode,
            (int) number(attributes, "uid"),
            (int) number(attributes, "gid")));
  }

  private static long number(Map<String, Object> attributes, String name) {
    return ((Number) Objects.requireNonNull(attributes.get(name))).longValue();
  }
}
