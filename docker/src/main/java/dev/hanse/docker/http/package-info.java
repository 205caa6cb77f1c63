/**
 * Driver ring: HTTP for the Docker Engine API. {@link dev.hanse.docker.http.HttpListener} listens
 * (unix socket, TCP, TLS) with Jetty on virtual threads; {@link dev.hanse.docker.http.Router} finds
 * the route; an {@link dev.hanse.docker.http.Exchange} is one request with its answer: JSON, a
 * stream that ends when the client goes, or a hijacked connection ({@link
 * dev.hanse.docker.http.Duplex}). Knows nothing of swarms and containers.
 */
package dev.hanse.docker.http;
