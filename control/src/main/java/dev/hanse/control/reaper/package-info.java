/**
 * Ring: decider. Removes tasks that nobody needs any more. Start reading at {@link
 * dev.hanse.control.reaper.Reaper}.
 */
@NullMarked
package dev.hanse.control.reaper;

import org.jspecify.annotations.NullMarked;
