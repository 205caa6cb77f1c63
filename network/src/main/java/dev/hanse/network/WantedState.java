package dev.hanse.network;

import java.util.SortedMap;

/**
 * The kernel state that a node should have, so complete that nothing is left to choose.
 *
 * @param host in the host's namespace
 * @param tasks in each task's own namespace, by task id; tasks on the host's network are absent
 */
public record WantedState(HostState host, SortedMap<String, TaskState> tasks) {}
