package dev.hanse.docker.stream;

import dev.hanse.web.HttpFailure;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The execs that clients know of: bounded, the oldest that are over are forgotten first. */
public final class ExecSessions {
  /** Execs remembered on one node. */
  static final int SESSIONS_MAX = 1024;

  /**
   * What the commands of all may take, bytes. One that the kernel would take is far below: 2 MiB
   * with all its pointers.
   */
  static final long BYTES_MAX = 8 << 20;

  private final Map<String, ExecSession> byId = new LinkedHashMap<>();
  private long bytes;

  /**
   * Remembers one more.
   *
   * @throws HttpFailure 503 if too many are running or waiting to be started, 400 if it is longer
   *     than any command can be
   */
  synchronized void add(ExecSession session) {
    long size = session.heapBytes();
    if (size > BYTES_MAX) {
      throw HttpFailure.invalid("exec command is too long");
    }
    while (byId.size() >= SESSIONS_MAX || bytes + size > BYTES_MAX) {
      if (!forgetOldest()) {
        throw HttpFailure.unavailable("too many execs on this node: " + byId.size());
      }
    }
    byId.put(session.id(), session);
    bytes += size;
  }

  private boolean forgetOldest() {
    for (Iterator<ExecSession> oldest = byId.values().iterator(); oldest.hasNext(); ) {
      ExecSession session = oldest.next();
      if (!session.isRunning()) {
        oldest.remove();
        bytes -= session.heapBytes();
        return true;
      }
    }
    return false;
  }

  /**
   * The exec of an id.
   *
   * @throws HttpFailure 404 if there is none
   */
  synchronized ExecSession require(String id) {
    ExecSession session = byId.get(id);
    if (session == null) {
      throw missing(id);
    }
    return session;
  }

  /** The id that clients know of an exec that the runtime knows by another; else the same. */
  synchronized String knownAs(String runtimeId) {
    return byId.values().stream()
        .filter(session -> session.process().filter(one -> one.id().equals(runtimeId)).isPresent())
        .map(ExecSession::id)
        .findFirst()
        .orElse(runtimeId);
  }

  static HttpFailure missing(String id) {
    return HttpFailure.notFound("No such exec instance: " + id);
  }
}
