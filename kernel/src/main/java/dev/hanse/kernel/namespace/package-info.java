/**
 * Driver: network namespaces and the sysctls inside them. Start reading at {@link
 * dev.hanse.kernel.namespace.NetworkNamespace}.
 */
@NullMarked
package dev.hanse.kernel.namespace;

import org.jspecify.annotations.NullMarked;
