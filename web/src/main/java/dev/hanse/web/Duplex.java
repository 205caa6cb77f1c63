package dev.hanse.web;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * A hijacked connection: raw bytes both ways, after Docker's {@code Upgrade: tcp}. One thread may
 * read while another writes. Reading and writing block; writing waits for the client to take the
 * bytes.
 */
public interface Duplex {
  /** What the client sends; at its end when the client closed its half or went away. */
  InputStream input();

  /**
   * What is sent to the client, unbuffered. Closing it closes our half only: the client sees the
   * end and may go on sending.
   */
  OutputStream output();

  /** Cuts the connection; who reads or writes gets an exception. May be called by any thread. */
  void cut();

  /** What runs on a hijacked connection; when it returns, or throws, the connection is closed. */
  @FunctionalInterface
  interface Session {
    void run(Duplex duplex) throws Exception;
  }
}
