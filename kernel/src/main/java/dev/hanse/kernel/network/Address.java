package dev.hanse.kernel.network;

/**
 * An address of an interface.
 *
 * @param index the interface
 * @param prefix the address with the length of its network's prefix
 * @param scope how far it is valid
 */
public record Address(int index, Prefix prefix, Scope scope) {
  /** An address of global scope. */
  public static Address of(int index, Prefix prefix) {
    return new Address(index, prefix, Scope.GLOBAL);
  }
}
