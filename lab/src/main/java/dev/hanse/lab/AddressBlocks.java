package dev.hanse.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Chooses the block 10.N.0.0/24 of a lab: one that no other lab and no route of this machine uses.
 */
final class AddressBlocks {
  // Overlay networks take 10.0.0.0/24 and up by default: labs stay away from there.
  private static final int FIRST = 210;
  private static final int LAST = 250;

  private AddressBlocks() {}

  /** The wanted block if it is free, else the first free one. */
  static int choose(OptionalInt wanted, Directories directories) throws IOException {
    Set<Integer> used = usedByRoutes(Files.readAllLines(Path.of("/proc/net/route")));
    for (Lab lab : Lab.all(directories)) {
      used.add(blockOf(lab.machine()));
    }
    if (wanted.isPresent()) {
      if (used.contains(wanted.getAsInt())) {
        throw new LabException("10." + wanted.getAsInt() + ".0.0/24 is in use on this machine");
      }
      return wanted.getAsInt();
    }
    for (int block = FIRST; block <= LAST; block++) {
      if (!used.contains(block)) {
        return block;
      }
    }
    throw new LabException("no free address block: 10." + FIRST + " to 10." + LAST + " are in use");
  }

  /**
   * The N of all routes into 10.N.0.0/16 or a part of it. Routes wider than /16 (a VPN's
   * 10.0.0.0/8) do not count: a lab's own route is narrower and wins.
   *
   * @param lines of /proc/net/route: addresses are hexadecimal in the byte order of a little-endian
   *     machine
   */
  static Set<Integer> usedByRoutes(List<String> lines) {
    Set<Integer> used = new HashSet<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] fields = line.strip().split("\\s+");
      long destination = Long.parseLong(fields[1], 16);
      long mask = Long.parseLong(fields[7], 16);
      boolean ten = (destination & 0xff) == 10;
      boolean narrow = (mask & 0xffff) == 0xffff;
      if (ten && narrow) {
        used.add((int) (destination >> 8 & 0xff));
      }
    }
    return used;
  }

  private static int blockOf(String address) {
    return Integer.parseInt(address.split("\\.")[1]);
  }
}
