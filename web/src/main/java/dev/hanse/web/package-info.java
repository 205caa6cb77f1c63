/**
 * Driver ring: HTTP for every API. {@link dev.hanse.web.HttpListener} listens (unix socket, TCP,
 * TLS) with Jetty on virtual threads; {@link dev.hanse.web.Router} finds the route; an {@link
 * dev.hanse.web.Exchange} is one request with its answer: JSON, a stream that ends when the client
 * goes, or a hijacked connection ({@link dev.hanse.web.Duplex}). What is particular to one API is
 * its {@link dev.hanse.web.Dialect}. Knows no product.
 */
package dev.hanse.web;
