package dev.hanse.runtime.spec;

import dev.hanse.runtime.images.ImageRootfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A directory that is mounted into a container, and what is mounted below it. Others may write to
 * that directory meanwhile (a volume's other containers), so a mount point below it must not be
 * looked up by path, as runc does: a link there leads runc's search to the host's files. So the
 * tree is made without runc, at a place of the host's own, and runc gets the whole.
 *
 * @param place where it is to be made
 * @param root what is mounted there
 * @param nested what is mounted below it, parents first
 */
public record MountTree(Path place, ContainerMount.Bind root, List<Nested> nested) {
  /** Copies. */
  public MountTree {
    nested = List.copyOf(nested);
  }

  /**
   * One mount below.
   *
   * @param base in which mount it lies: 0 is the root, n the nth of the nested ones
   * @param path in there, relative
   */
  public record Nested(int base, String path, ContainerMount mount) {}

  /** Whether it is one of those below the root. */
  boolean attaches(ContainerMount mount) {
    return nested.stream().anyMatch(one -> one.mount().equals(mount));
  }

  /** Whether a read-only bind is so for what is mounted below its source too. */
  public static boolean readOnlyWithAllBelow(ContainerMount.Bind bind) {
    return ReadOnlySubmounts.wantedOfKernel(bind);
  }

  /** A mount at the path that it has in the image, and the tree that it is part of, if any. */
  private record Laid(Path at, Growth growth, int number) {}

  private record Growth(List<ContainerMount.Bind> root, List<Nested> nested) {
    static Growth of(ContainerMount mount) {
      return new Growth(
          mount instanceof ContainerMount.Bind bind && mayBeWritten(bind)
              ? List.of(bind)
              : List.of(),
          new ArrayList<>());
    }

    boolean isTree() {
      return !root.isEmpty();
    }
  }

  /**
   * A mount that is to appear on the host too would not survive the end of its place; who may have
   * one is trusted with the host's mounts anyway.
   */
  private static boolean mayBeWritten(ContainerMount.Bind bind) {
    return switch (bind.propagation()) {
      case SHARED, RSHARED -> false;
      case PRIVATE, RPRIVATE, SLAVE, RSLAVE -> Files.isDirectory(bind.source());
    };
  }

  /**
   * The trees among a container's mounts.
   *
   * @param places directory of the container's own for the places
   */
  static List<MountTree> of(List<ContainerMount> mounts, ImageRootfs image, Path places) {
    if (mounts.stream().noneMatch(mount -> Growth.of(mount).isTree())) {
      return List.of();
    }
    List<Laid> all = new ArrayList<>();
    Set<Path> covered = new HashSet<>(MountSpec.OWN);
    for (ContainerMount mount : mounts) {
      Path at = image.resolved(Path.of(mount.target()).normalize(), covered::contains);
      all.add(lay(mount, at, all));
      covered.add(at);
    }
    List<MountTree> trees = new ArrayList<>();
    for (Laid laid : all) {
      if (laid.number() == 0 && laid.growth().isTree() && !laid.growth().nested().isEmpty()) {
        trees.add(
            new MountTree(
                places.resolve(Integer.toString(trees.size())),
                laid.growth().root().getFirst(),
                laid.growth().nested()));
      }
    }
    return trees;
  }

  private static Laid lay(ContainerMount mount, Path at, List<Laid> before) {
    Laid under = null;
    for (Laid one : before) {
      boolean deeper = under == null || one.at().getNameCount() >= under.at().getNameCount();
      if (at.startsWith(one.at()) && deeper) {
        under = one;
      }
    }
    if (under == null || !under.growth().isTree()) {
      return new Laid(at, Growth.of(mount), 0);
    }
    String path = under.at().relativize(at).toString();
    List<Nested> nested = under.growth().nested();
    nested.add(new Nested(under.number(), path.isEmpty() ? "." : path, mount));
    return new Laid(at, under.growth(), nested.size());
  }

  /** The trees among the mounts of a container that is to be made. */
  public static List<MountTree> of(
      ContainerSettings settings, ImageRootfs image, HostFacts facts, Path places) {
    return of(MountSpec.given(settings, facts), image, places);
  }
}
