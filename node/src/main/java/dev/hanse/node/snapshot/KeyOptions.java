package dev.hanse.node.snapshot;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a snapshot is, or shall be, locked with, as the user says it. */
final class KeyOptions {
  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = {
        "The passphrase, 12 to 1024 bytes, is in this file;",
        "without key options it is asked for"
      })
  private @Nullable Path passphraseFile;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "32 random bytes or more; make one with: head -c 32 /dev/urandom > FILE")
  private @Nullable Path keyFile;

  /** The secret of the options, if any. */
  Optional<Secret> given() throws IOException {
    if (passphraseFile != null && keyFile != null) {
      throw new IllegalArgumentException("give --passphrase-file or --key-file, not both");
    }
    if (passphraseFile != null) {
      return Optional.of(Secret.passphraseIn(passphraseFile));
    }
    return keyFile == null ? Optional.empty() : Optional.of(Secret.keyIn(keyFile));
  }

  /**
   * The secret of the options, or a passphrase that the user types.
   *
   * @param twice ask again, so that a slip is noticed
   */
  @SuppressWarnings("SystemConsoleNull") // JDK 25 gives none again when there is no terminal.
  Secret required(boolean twice) throws IOException {
    Optional<Secret> given = given();
    if (given.isPresent()) {
      return given.get();
    }
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw new IllegalArgumentException(
          "a snapshot holds every secret of the cluster and is always locked:"
              + " give --passphrase-file FILE or --key-file FILE");
    }
    char[] typed = console.readPassword("Passphrase of the snapshot: ");
    if (twice && !Arrays.equals(typed, console.readPassword("The same again: "))) {
      throw new IllegalArgumentException("the two passphrases differ");
    }
    return Secret.typed(typed == null ? new char[0] : typed);
  }
}
