package dev.hanse.node.snapshot;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;

/** How a file's keys come from a {@link Secret}; its parameters stand in the file's header. */
sealed interface KeyDerivation {
  int SALT_BYTES = 32;

  /** Two keys of 256 bits. */
  int KEYS_BYTES = 64;

  /**
   * scrypt (RFC 7914), for passphrases.
   *
   * @param logCost the cost N as a power of two
   * @param blockSize r
   * @param parallel p
   */
  record Scrypt(ByteString salt, int logCost, int blockSize, int parallel)
      implements KeyDerivation {
    /** 64 MiB and about half a second: one of OWASP's choices of equal strength. */
    static final int LOG_COST = 16;

    static final int BLOCK_SIZE = 8;
    static final int PARALLEL = 2;

    private static final int LOG_COST_MIN = 10;
    private static final int LOG_COST_MAX = 17;
    private static final int BLOCK_SIZE_MAX = 8;
    private static final int PARALLEL_MAX = 8;

    /** Checks that the work has a bound: a header may come from anybody. */
    public Scrypt {
      checkSalt(salt);
      check("scrypt cost", logCost, LOG_COST_MIN, LOG_COST_MAX);
      check("scrypt block size", blockSize, 1, BLOCK_SIZE_MAX);
      check("scrypt parallelism", parallel, 1, PARALLEL_MAX);
    }

    static Scrypt fresh(SecureRandom random) {
      return new Scrypt(freshSalt(random), LOG_COST, BLOCK_SIZE, PARALLEL);
    }
  }

  /** HKDF with SHA-256 (RFC 5869), for keys that are random already. */
  record Hkdf(ByteString salt) implements KeyDerivation {
    public Hkdf {
      checkSalt(salt);
    }

    static Hkdf fresh(SecureRandom random) {
      return new Hkdf(freshSalt(random));
    }
  }

  /**
   * The two keys of a file.
   *
   * @param header authenticates the header
   * @param frames encrypts the state
   */
  record Keys(SecretKey header, SecretKey frames) {}

  ByteString salt();

  /** A derivation that fits the secret, with a fresh salt. */
  static KeyDerivation fresh(Secret secret, SecureRandom random) {
    return switch (secret) {
      case Secret.Passphrase passphrase -> Scrypt.fresh(random);
      case Secret.KeyFile key -> Hkdf.fresh(random);
    };
  }

  /**
   * The keys of a file.
   *
   * @throws SnapshotFault if the file was saved with the other kind of secret
   */
  default Keys derive(Secret secret) throws SnapshotFault {
    byte[] material = material(secret);
    try {
      return new Keys(
          new SecretKeySpec(material, 0, 32, "HmacSHA256"),
          new SecretKeySpec(material, 32, 32, "AES"));
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  private byte[] material(Secret secret) throws SnapshotFault {
    return switch (this) {
      case Scrypt(ByteString salt, int logCost, int blockSize, int parallel) -> {
        if (!(secret instanceof Secret.Passphrase)) {
          throw new SnapshotFault(
              SnapshotFault.Kind.OTHER_KIND_OF_KEY,
              "this snapshot was saved with a passphrase, not with a key file:"
                  + " give --passphrase-file");
        }
        yield SCrypt.generate(
            secret.bytes().toByteArray(),
            salt.toByteArray(),
            1 << logCost,
            blockSize,
            parallel,
            KEYS_BYTES);
      }
      case Hkdf(ByteString salt) -> {
        if (!(secret instanceof Secret.KeyFile)) {
          throw new SnapshotFault(
              SnapshotFault.Kind.OTHER_KIND_OF_KEY,
              "this snapshot was saved with a key file, not with a passphrase: give --key-file");
        }
        yield hkdf(secret.bytes().toByteArray(), salt.toByteArray());
      }
    };
  }

  private static byte[] hkdf(byte[] secret, byte[] salt) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(secret)
                  .addSalt(salt)
                  .thenExpand(
                      "hanse cluster snapshot".getBytes(StandardCharsets.US_ASCII), KEYS_BYTES));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("Java 25 has HKDF", missing);
    }
  }

  private static ByteString freshSalt(SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return ByteString.copyFrom(salt);
  }

  private static void checkSalt(ByteString salt) {
    if (salt.size() != SALT_BYTES) {
      throw new IllegalArgumentException("salt of " + salt.size() + " bytes");
    }
  }

  private static void check(String what, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s %d is not within %d to %d".formatted(what, value, min, max));
    }
  }
}
