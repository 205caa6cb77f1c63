package dev.hanse.agent.mount;

import com.google.protobuf.ByteString;

/**
 * A file that a task's container gets from its node.
 *
 * @param name unique within the task; no path
 * @param owner user and group, numbers
 * @param mode permission bits
 */
public record TaskFile(String name, ByteString content, Owner owner, int mode) {

  /** A text of user 0 that everybody in the container may read. */
  public static TaskFile text(String name, String content) {
    return new TaskFile(name, ByteString.copyFromUtf8(content), Owner.ROOT, 0644);
  }

  /** Who a file belongs to. */
  public record Owner(int user, int group) {
    /** User and group 0. */
    public static final Owner ROOT = new Owner(0, 0);
  }
}
