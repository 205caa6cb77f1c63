/**
 * Driver ring. The demonstration: a web service of three tasks on five hosts, asked through every
 * host. Start at {@link dev.hanse.lab.demo.Demonstration}.
 */
@NullMarked
package dev.hanse.lab.demo;

import org.jspecify.annotations.NullMarked;
