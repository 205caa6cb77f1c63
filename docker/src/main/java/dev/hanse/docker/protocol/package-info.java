/**
 * What is Docker's own in how its API is spoken: versions in paths, filters, times, frames of
 * output, errors.
 */
package dev.hanse.docker.protocol;
