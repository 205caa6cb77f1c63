/**
 * Driver: the Linux kernel and the C library, called through {@code java.lang.foreign}. Knows no
 * word of the cluster's domain.
 *
 * <p>This package holds what every part needs: {@link dev.hanse.kernel.NativeFunction} (one call
 * shape for all C functions), {@link dev.hanse.kernel.KernelException} and the error numbers. Start
 * reading at {@code namespace.NetworkNamespace}, {@code netlink.Netlink}, {@code
 * nftables.Nftables}, {@code pipe.Pipes}, {@code process.Processes}, {@code file.Mounts}.
 */
@NullMarked
package dev.hanse.kernel;

import org.jspecify.annotations.NullMarked;
