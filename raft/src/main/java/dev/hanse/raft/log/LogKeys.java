package dev.hanse.raft.log;

import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.OwnFiles;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import javax.crypto.AEADBadTagException;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys with which entries and snapshots are sealed at rest, and their file.
 *
 * <p>Each member seals with a key of its own, which is in the cluster known by all: whoever
 * receives something sealed with a key that it lacks asks for it and writes it down first. So a key
 * is never taken away, else old entries could not be read.
 *
 * <p>The file: "HanseKy1"; 1 if it is locked, else 0; then, sealed with the unlock key if locked,
 * the number of keys and the keys, the own one last; then the CRC-32C of all before it. It is
 * replaced as a whole.
 */
public final class LogKeys {
  /** More than any cluster makes; a limit for what others send. */
  static final int KEYS_MAX = 4096;

  private static final byte[] MAGIC = "HanseKy1".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_BYTES = 32;
  private static final int FILE_BYTES_MAX = KEYS_MAX * KEY_BYTES + 1024;
  private static final byte[] WRAPPING = "hanse log keys".getBytes(StandardCharsets.US_ASCII);

  private final Path file;
  private final SecureRandom random = new SecureRandom();

  // Guards changes of the fields below and of the file.
  private final ReentrantLock changes = new ReentrantLock();
  private Optional<byte[]> unlockKey;
  private volatile List<DataKey> keys;

  private LogKeys(Path file, Optional<byte[]> unlockKey, List<DataKey> keys) {
    this.file = file;
    this.unlockKey = unlockKey;
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads the keys, or makes a first one if there is no file.
   *
   * @param unlockKey what wraps the keys; ignored if the file is not locked
   * @throws LogLockedException if the file is locked, and not with this key
   * @throws LogCorruptedException if the file is damaged
   * @throws IOException if it cannot be read or written
   */
  public static LogKeys load(Path file, Optional<byte[]> unlockKey) throws IOException {
    if (!Files.exists(file)) {
      LogKeys keys = new LogKeys(file, unlockKey, List.of());
      keys.change(List.of(keys.newKey()), unlockKey);
      return keys;
    }
    LogDirectory.requireFile(file);
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new LogCorruptedException(file, FILE_BYTES_MAX, "too long for a file of keys");
    }
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length - Integer.BYTES;
    if (end <= MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new LogCorruptedException(file, 0, "not a file of keys");
    }
    if (ByteBuffer.wrap(bytes).getInt(end) != checksum(bytes, end)) {
      throw new LogCorruptedException(file, 0, "wrong checksum of the keys");
    }
    boolean locked = bytes[MAGIC.length] == 1;
    byte[] body = Arrays.copyOfRange(bytes, MAGIC.length + 1, end);
    if (locked) {
      body = unwrap(body, unlockKey);
    }
    return new LogKeys(file, locked ? unlockKey : Optional.empty(), read(file, body));
  }

  /** Does the file at this place need an unlock key? */
  public static boolean locked(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    LogDirectory.requireFile(file);
    try (var in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(MAGIC.length + 1);
      return head.length > MAGIC.length && head[MAGIC.length] == 1;
    }
  }

  /**
   * Wraps the keys by another unlock key, or by none. If they were not wrapped before, the own key
   * could have been read by anybody: a new one is made, for all that is written from now on.
   *
   * @throws IOException if the file cannot be written; then nothing has changed
   */
  public void rewrap(Optional<byte[]> newUnlockKey) throws IOException {
    changes.lock();
    try {
      List<DataKey> next = new ArrayList<>(keys);
      if (unlockKey.isEmpty() && newUnlockKey.isPresent()) {
        next.add(newKey());
      }
      change(next, newUnlockKey);
    } finally {
      changes.unlock();
    }
  }

  /** Seals an entry with the own key. */
  public byte[] seal(byte[] entry) {
    return keys.getLast().seal(entry, random);
  }

  /**
   * Opens what {@link #seal} has made, here or at another member.
   *
   * @throws IOException if the key is unknown or the bytes were changed
   */
  public byte[] open(byte[] sealed) throws IOException {
    if (sealed.length < DataKey.ID_BYTES) {
      throw new IOException("too short for a sealed entry: " + sealed.length + " bytes");
    }
    return key(ByteBuffer.wrap(sealed).getLong()).open(sealed);
  }

  /** The own key, with which snapshots are sealed. */
  public DataKey own() {
    return keys.getLast();
  }

  /** The key of that id. */
  public DataKey key(long id) throws IOException {
    for (DataKey key : keys) {
      if (key.id() == id) {
        return key;
      }
    }
    throw new IOException(
        "sealed with a key that " + file + " does not have: " + Long.toHexString(id));
  }

  /** Whether there is a key of that id. */
  public boolean has(long id) {
    return keys.stream().anyMatch(key -> key.id() == id);
  }

  /** All keys, for another member. */
  public List<byte[]> all() {
    return keys.stream().map(DataKey::bytes).toList();
  }

  /**
   * Takes over the keys of another member; they are on disk when this returns.
   *
   * @throws IOException if one is malformed, or there are too many, or the file cannot be written
   */
  public void add(List<byte[]> others) throws IOException {
    changes.lock();
    try {
      List<DataKey> next = new ArrayList<>();
      for (byte[] other : others) {
        if (other.length != KEY_BYTES) {
          throw new IOException("a data key of " + other.length + " bytes instead of " + KEY_BYTES);
        }
        DataKey key = DataKey.of(other);
        if (!has(key.id()) && next.stream().noneMatch(known -> known.id() == key.id())) {
          next.add(key);
        }
      }
      if (!next.isEmpty()) {
        next.addAll(keys); // The own one stays the last.
        change(next, unlockKey);
      }
    } finally {
      changes.unlock();
    }
  }

  private DataKey newKey() {
    byte[] bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    return DataKey.of(bytes);
  }

  private void change(List<DataKey> next, Optional<byte[]> nextUnlockKey) throws IOException {
    if (next.size() > KEYS_MAX) {
      throw new IOException("more than " + KEYS_MAX + " data keys");
    }
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(plain);
    out.writeInt(next.size());
    for (DataKey key : next) {
      out.write(key.bytes());
    }
    byte[] body = plain.toByteArray();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(MAGIC);
    whole.write(nextUnlockKey.isPresent() ? 1 : 0);
    whole.write(
        nextUnlockKey.isPresent()
            ? DataKey.seal(wrapping(nextUnlockKey.get()), body, random)
            : body);
    int checksum = checksum(whole.toByteArray(), whole.size());
    new DataOutputStream(whole).writeInt(checksum);
    OwnFiles.directoryOf(file, OwnFiles.OWNER);
    DurableFile.replace(file, whole.toByteArray());
    keys = List.copyOf(next);
    unlockKey = nextUnlockKey;
  }

  private static List<DataKey> read(Path file, byte[] body) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(body);
    int count = body.length < Integer.BYTES ? 0 : in.getInt();
    if (count <= 0 || count > KEYS_MAX || in.remaining() != count * KEY_BYTES) {
      throw new LogCorruptedException(file, MAGIC.length, "malformed keys");
    }
    List<DataKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] key = new byte[KEY_BYTES];
      in.get(key);
      keys.add(DataKey.of(key));
    }
    return keys;
  }

  private static byte[] unwrap(byte[] sealed, Optional<byte[]> unlockKey) throws IOException {
    if (unlockKey.isEmpty()) {
      throw new LogLockedException("the log is locked, an unlock key is needed");
    }
    try {
      return DataKey.open(wrapping(unlockKey.get()), sealed, 0);
    } catch (AEADBadTagException e) {
      throw new LogLockedException("invalid key: the log is locked with another unlock key");
    } catch (GeneralSecurityException e) {
      throw new IOException("unwrapping the log's keys", e);
    }
  }

  private static SecretKey wrapping(byte[] unlockKey) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(WRAPPING);
      return new SecretKeySpec(digest.digest(unlockKey), "AES");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no SHA-256", e);
    }
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** The file, for messages; never the keys. */
  @Override
  public String toString() {
    return "LogKeys[" + file + "]";
  }
}
