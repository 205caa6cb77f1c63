package dev.hanse.identity.certificate;

import dev.hanse.text.Form;
import java.math.BigInteger;
import java.security.SecureRandom;

/**
 * What a new node must show: {@code SWMTKN-1-DIGEST-SECRET}, where DIGEST is the SHA-256 of the
 * root certificate in base 36, padded to 50 characters, and SECRET are 16 random bytes in base 36,
 * padded to 25 (swarmkit, {@code ca/config.go}).
 *
 * @param rootDigest the digest of the root certificate as a number
 * @param secret the 25 characters of the secret
 */
public record JoinToken(BigInteger rootDigest, String secret) {
  private static final int BASE = 36;
  private static final int DIGEST_LENGTH = 50;
  private static final int SECRET_LENGTH = 25;
  private static final int SECRET_BYTES = 16;
  private static final Form FORM =
      Form.of("SWMTKN-1-([0-9a-z]{" + DIGEST_LENGTH + "})-([0-9a-z]{" + SECRET_LENGTH + "})", 128);

  /** A new token of a cluster with this root. */
  public static JoinToken generate(RootCa root, SecureRandom random) {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return new JoinToken(
        root.digestNumber(), padded(new BigInteger(1, bytes).toString(BASE), SECRET_LENGTH));
  }

  /**
   * Reads a token.
   *
   * @throws IdentityException (INVALID_TOKEN) if it has another form
   */
  public static JoinToken parse(String text) throws IdentityException {
    if (text.isEmpty()) {
      throw new IdentityException(
          IdentityException.Reason.INVALID_TOKEN, "join token is necessary");
    }
    Form.Parts parts =
        FORM.read(text)
            .orElseThrow(
                () ->
                    new IdentityException(
                        IdentityException.Reason.INVALID_TOKEN, "invalid join token"));
    BigInteger digest = new BigInteger(parts.part(1), BASE);
    if (digest.bitLength() > 256) {
      throw new IdentityException(IdentityException.Reason.INVALID_TOKEN, "invalid join token");
    }
    return new JoinToken(digest, parts.part(2));
  }

  /** Does the token belong to a cluster with this root? */
  public boolean names(RootCa root) {
    return rootDigest.equals(root.digestNumber());
  }

  /** The token's digest as 64 hexadecimal digits, for messages. */
  public String rootDigestHex() {
    return padded(rootDigest.toString(16), 64);
  }

  /** The text that a user passes to {@code docker swarm join --token}. */
  @Override
  public String toString() {
    return "SWMTKN-1-" + padded(rootDigest.toString(BASE), DIGEST_LENGTH) + "-" + secret;
  }

  private static String padded(String digits, int length) {
    return "0".repeat(length - digits.length()) + digits;
  }
}
