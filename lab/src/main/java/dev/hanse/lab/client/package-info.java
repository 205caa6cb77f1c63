/**
 * Driver ring. A small client of the Docker Engine API over a unix socket, for the lab, the demo
 * and the tests: plain HTTP/1.1, one connection a request, no library. Start at {@link
 * dev.hanse.lab.client.DockerClient}.
 */
@NullMarked
package dev.hanse.lab.client;

import org.jspecify.annotations.NullMarked;
