package dev.hanse.runtime.spec;

/** placeholder. */
final class RuntimeSpec {}
