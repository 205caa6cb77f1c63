package dev.hanse.kernel.capability;

import java.util.Optional;

/**
 * One thing that a kernel has or has not.
 *
 * @param name such as {@code vxlan}
 * @param missing why it cannot be used and what to do; empty if it can
 */
public record Capability(String name, Optional<String> missing) {
  /** Whether it can be used. */
  public boolean present() {
    return missing.isEmpty();
  }
}
