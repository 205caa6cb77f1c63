/**
 * Driver ring. Several hosts on one machine: each is a network namespace on a switch (a bridge in a
 * namespace of its own) with its own daemon. People, the demo, the system tests and the benchmarks
 * stand on it. It starts daemons and talks to them through the Docker API only. Start at {@link
 * dev.hanse.lab.Lab}; the commands are {@link dev.hanse.lab.LabCommand} and {@link
 * dev.hanse.lab.DemoCommand}.
 */
@NullMarked
package dev.hanse.lab;

import org.jspecify.annotations.NullMarked;
