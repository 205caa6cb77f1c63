/**
 * Driver: what this machine's kernel can do, found by trying. Start reading at {@link
 * dev.hanse.kernel.capability.KernelCapabilities}.
 */
@NullMarked
package dev.hanse.kernel.capability;

import org.jspecify.annotations.NullMarked;
