package dev.hanse.docker.json;

/**
 * How many tasks of a service there are, as {@code docker service ls} shows.
 *
 * @param running tasks that run and should
 * @param desired tasks that should run
 * @param completed tasks of a job that ended well
 */
public record ServiceStatus(long running, long desired, long completed) {}
