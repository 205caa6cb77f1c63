package dev.hanse.runtime.containerd;

/** placeholder. */
final class ContainerdClient {}
