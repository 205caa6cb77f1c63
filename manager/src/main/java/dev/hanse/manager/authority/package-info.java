/**
 * Ring: driver. The certificate authority: tells the root, admits nodes that show a join token,
 * signs what they ask for. {@link dev.hanse.manager.authority.CertificateAuthority} signs; {@link
 * dev.hanse.manager.authority.AuthorityServices} is its gRPC face, open to nodes without
 * certificate.
 */
@NullMarked
package dev.hanse.manager.authority;

import org.jspecify.annotations.NullMarked;
