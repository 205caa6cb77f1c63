package dev.hanse.kernel.nftables;

/** nftables refused a command; the message is nft's own, with line and column. */
public final class NftablesException extends RuntimeException {
  NftablesException(String message) {
    super(message);
  }
}
