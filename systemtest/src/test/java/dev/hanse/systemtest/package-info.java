/**
 * Tests on a real lab: real daemons, real containers, driven by the docker command line and by raw
 * requests. {@link dev.hanse.systemtest.SharedLab} is the lab that most of them share; those that
 * break things make their own.
 */
@NullMarked
package dev.hanse.systemtest;

import org.jspecify.annotations.NullMarked;
