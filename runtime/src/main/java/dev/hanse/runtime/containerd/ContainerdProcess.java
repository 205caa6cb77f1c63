package dev.hanse.runtime.containerd;

/** placeholder. */
final class ContainerdProcess {}
