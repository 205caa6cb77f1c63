/**
 * Ring: driver. Keys and certificates as such: roots, issuing, files, join tokens, and what a
 * subject says. Knows no connection. Start reading at {@link
 * dev.hanse.identity.certificate.NodeIdentity} and {@link dev.hanse.identity.certificate.RootCa}.
 */
@NullMarked
package dev.hanse.identity.certificate;

import org.jspecify.annotations.NullMarked;
