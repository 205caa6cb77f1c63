package dev.hanse.lab;

import dev.hanse.kernel.NativeFunction;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The mounts of this machine: which there are below a directory, and how to remove them. */
final class Unmount {
  private static final long MNT_DETACH = 2;
  private static final long UMOUNT_NOFOLLOW = 8;
  private static final NativeFunction UMOUNT =
      NativeFunction.ofC("umount2", NativeFunction.Result.INT);

  private Unmount() {}

  /**
   * A line of /proc/self/mountinfo (proc(5)).
   *
   * @param root what of the file system is mounted; {@code net:[4026531840]} for a namespace
   * @param point where
   */
  record Mount(String root, Path point) {
    static Mount parse(String line) {
      String[] fields = line.split(" ");
      return new Mount(unescape(fields[3]), Path.of(unescape(fields[4])));
    }

    /** Blank, tab, newline and backslash are written as three octal digits. */
    private static String unescape(String text) {
      if (text.indexOf('\\') < 0) {
        return text;
      }
      StringBuilder plain = new StringBuilder();
      for (int at = 0; at < text.length(); at++) {
        if (text.charAt(at) == '\\') {
          plain.append((char) Integer.parseInt(text.substring(at + 1, at + 4), 8));
          at += 3;
        } else {
          plain.append(text.charAt(at));
        }
      }
      return plain.toString();
    }
  }

  /** The mounts at or below these directories, the last made first. */
  static List<Mount> below(List<Path> directories) {
    try {
      List<String> lines =
          Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
      List<Mount> mounts = new ArrayList<>();
      for (String line : lines) {
        Mount mount = Mount.parse(line);
        if (directories.stream().anyMatch(mount.point()::startsWith)) {
          mounts.addFirst(mount);
        }
      }
      return mounts;
    } catch (IOException failure) {
      throw new LabException("cannot read /proc/self/mountinfo", failure);
    }
  }

  /** Removes all mounts at or below these directories, also those that are in use. */
  static void allBelow(List<Path> directories) {
    List<Mount> mounts = new ArrayList<>(below(directories));
    mounts.sort(Comparator.comparingInt((Mount mount) -> mount.point().getNameCount()).reversed());
    try (Arena arena = Arena.ofConfined()) {
      for (Mount mount : mounts) {
        long point = arena.allocateFrom(mount.point().toString()).address();
        // Gone already is as good; anything else shows when the directory cannot be removed.
        UMOUNT.attempt(point, MNT_DETACH | UMOUNT_NOFOLLOW);
      }
    }
  }
}
