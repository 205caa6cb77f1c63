package dev.hanse.control;

/**
 * Which faults stay with what caused them. Whatever a decision or a part of a pass throws concerns
 * its own command or object, an overflow of the stack by some text included: all of that is undone
 * and the next one begins with a fresh stack. Only when the virtual machine itself is broken or out
 * of memory is nothing contained, as nothing that follows could be trusted.
 */
public final class Containment {
  private Containment() {}

  /** Throws on what is not to be contained; returns for everything else. */
  public static void check(Throwable thrown) {
    if (thrown instanceof VirtualMachineError fatal && !(fatal instanceof StackOverflowError)) {
      throw fatal;
    }
  }
}
