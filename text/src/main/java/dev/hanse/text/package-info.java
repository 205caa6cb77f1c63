/**
 * Nouns: the forms of text that comes from outside. Everything here reads in time that grows with
 * the length of the text and no faster, on little stack, and is bounded before it begins. It is the
 * only package that may touch an engine of regular expressions. Start at {@link
 * dev.hanse.text.Form} for forms of our own, at {@link dev.hanse.text.SearchPattern} and {@link
 * dev.hanse.text.ShellPattern} for those that users write.
 */
@NullMarked
package dev.hanse.text;

import org.jspecify.annotations.NullMarked;
