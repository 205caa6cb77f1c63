package dev.hanse.lab.demo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes a tar archive in memory: the ustar format of POSIX.1-1988, names up to 100 bytes, owner
 * root.
 */
final class TarWriter {
  private static final int BLOCK = 512;
  private static final int NAME_BYTES_MAX = 100;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarWriter directory(String name) {
    header(name + "/", 0755, 0, '5', "");
    return this;
  }

  TarWriter file(String name, int mode, byte[] content) {
    header(name, mode, content.length, '0', "");
    out.writeBytes(content);
    out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    return this;
  }

  TarWriter link(String name, String target) {
    header(name, 0777, 0, '2', target);
    return this;
  }

  /** The archive, ended by two empty blocks. */
  byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(out.toByteArray());
    whole.writeBytes(new byte[2 * BLOCK]);
    return whole.toByteArray();
  }

  private void header(String name, int mode, int size, char type, String target) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, octal(mode, 7));
    put(header, 108, octal(0, 7)); // owner
    put(header, 116, octal(0, 7)); // group
    put(header, 124, octal(size, 11));
    put(header, 136, octal(0, 11)); // time: the archive depends on its content alone
    put(header, 148, "        "); // the checksum counts as blanks while it is summed
    header[156] = (byte) type;
    put(header, 157, target);
    put(header, 257, "ustar");
    put(header, 263, "00");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, octal(sum, 6) + "\0 ");
    out.writeBytes(header);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > NAME_BYTES_MAX) {
      throw new IllegalArgumentException("name too long for this archive: " + text);
    }
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }

  private static String octal(int number, int digits) {
    return String.format(Locale.ROOT, "%0" + digits + "o", number);
  }
}
