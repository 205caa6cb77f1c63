package dev.hanse.docker.engine;

import dev.hanse.docker.http.HttpFailure;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The execs that clients know of: bounded, the oldest that are over are forgotten first. */
final class ExecSessions {
  /** Execs remembered on one node. */
  static final int SESSIONS_MAX = 1024;

  private final Map<String, ExecSession> byId = new LinkedHashMap<>();

  /**
   * Remembers one more.
   *
   * @throws HttpFailure 503 if too many are running or waiting to be started
   */
  synchronized void add(ExecSession session) {
    if (byId.size() >= SESSIONS_MAX && !forgetOldest()) {
      throw HttpFailure.unavailable("too many execs on this node: " + SESSIONS_MAX);
    }
    byId.put(session.id(), session);
  }

  private boolean forgetOldest() {
    for (Iterator<ExecSession> oldest = byId.values().iterator(); oldest.hasNext(); ) {
      if (!oldest.next().isRunning()) {
        oldest.remove();
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
