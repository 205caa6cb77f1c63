package dev.hanse.manager;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What a manager needs to know to start.
 *
 * @param logDirectory where the replicated log is kept; the manager's alone
 * @param listen address and port of the gRPC server
 * @param advertise "HOST:PORT" under which the other nodes reach it
 * @param clock the wall clock
 */
public record ManagerSettings(
    Path logDirectory, InetSocketAddress listen, String advertise, InstantSource clock) {}
