package dev.hanse.model;

/** Addresses in the form in which messages carry them: with the prefix length of their subnet. */
public final class Cidr {
  private Cidr() {}

  /** "10.0.1.2" of "10.0.1.2/24"; an address without a prefix length stays as it is. */
  public static String address(String cidr) {
    int slash = cidr.indexOf('/');
    return slash < 0 ? cidr : cidr.substring(0, slash);
  }
}
