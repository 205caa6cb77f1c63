package dev.hanse.kernel.network;

/** How far an address or route is valid (rtnetlink(7)). */
public enum Scope {
  GLOBAL(0),
  SITE(200),
  LINK(253),
  HOST(254),
  NOWHERE(255);

  private final int number;

  Scope(int number) {
    this.number = number;
  }

  /** The kernel's number of it. */
  public int number() {
    return number;
  }

  /** Numbers between are a user's own and count as global. */
  public static Scope of(int number) {
    for (Scope scope : values()) {
      if (scope.number == number) {
        return scope;
      }
    }
    return GLOBAL;
  }
}
