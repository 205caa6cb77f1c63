/**
 * Driver ring: {@code /_ping}, {@code /version} and {@code /info}: who this daemon is and where it
 * runs. Start at {@link dev.hanse.docker.system.SystemRoutes}.
 */
package dev.hanse.docker.system;
