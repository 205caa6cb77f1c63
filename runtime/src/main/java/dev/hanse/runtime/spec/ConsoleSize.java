package dev.hanse.runtime.spec;

/** Size of a terminal in characters. */
public record ConsoleSize(int width, int height) {}
