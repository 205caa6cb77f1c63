/**
 * Ring: nouns. What foreign bytes may take of the heap: shares that everything which is buffered is
 * counted against ({@link dev.hanse.bounds.HeapShares} is the table of them), and the one way to
 * read JSON that somebody else wrote.
 *
 * <p>Start reading at {@link dev.hanse.bounds.HeapShares}.
 */
@NullMarked
package dev.hanse.bounds;

import org.jspecify.annotations.NullMarked;
