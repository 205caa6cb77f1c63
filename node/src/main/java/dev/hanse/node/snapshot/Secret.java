package dev.hanse.node.snapshot;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a snapshot is locked with. */
sealed interface Secret {
  /** Shorter ones are guessed, whatever the derivation costs. */
  int PASSPHRASE_BYTES_MIN = 12;

  int PASSPHRASE_BYTES_MAX = 1024;
  int KEY_BYTES_MIN = 32;
  int KEY_BYTES_MAX = 4096;

  /** The bytes that the key is derived from. */
  ByteString bytes();

  /** Something that people remember: the derivation makes guessing dear. */
  record Passphrase(ByteString bytes) implements Secret {
    public Passphrase {
      if (bytes.size() < PASSPHRASE_BYTES_MIN || bytes.size() > PASSPHRASE_BYTES_MAX) {
        throw new IllegalArgumentException(
            "a passphrase has %d to %d bytes, this one has %d"
                .formatted(PASSPHRASE_BYTES_MIN, PASSPHRASE_BYTES_MAX, bytes.size()));
      }
    }
  }

  /** Random bytes out of a file: nothing to guess. */
  record KeyFile(ByteString bytes) implements Secret {
    public KeyFile {
      if (bytes.size() < KEY_BYTES_MIN || bytes.size() > KEY_BYTES_MAX) {
        throw new IllegalArgumentException(
            "a key file has %d to %d bytes, this one has %s; make one: head -c 32 /dev/urandom"
                .formatted(
                    KEY_BYTES_MIN,
                    KEY_BYTES_MAX,
                    bytes.size() > KEY_BYTES_MAX ? "more" : bytes.size()));
      }
    }
  }

  /** A passphrase as typed. */
  static Passphrase typed(char[] text) {
    return new Passphrase(ByteString.copyFromUtf8(new String(text)));
  }

  /** A file that holds a passphrase; a line break at its end is not part of it. */
  static Passphrase passphraseIn(Path file) throws IOException {
    ByteString bytes = read(file, PASSPHRASE_BYTES_MAX + 2);
    for (String end : new String[] {"\n", "\r"}) {
      if (bytes.endsWith(ByteString.copyFromUtf8(end))) {
        bytes = bytes.substring(0, bytes.size() - 1);
      }
    }
    return new Passphrase(bytes);
  }

  /** A file that is the key. */
  static KeyFile keyIn(Path file) throws IOException {
    return new KeyFile(read(file, KEY_BYTES_MAX));
  }

  private static ByteString read(Path file, int bytesMax) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return ByteString.copyFrom(in.readNBytes(bytesMax + 1));
    }
  }
}
