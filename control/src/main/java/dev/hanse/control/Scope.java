package dev.hanse.control;

import java.util.Set;

/**
 * What a pass has to look at: what changed since the last one, in terms of whom it may help.
 *
 * @param services services that changed, or one of whose tasks did; with an empty id the
 *     attachments that belong to no service
 * @param networks whether a network was made, changed or removed
 * @param nodes whether a node came, changed or went
 * @param addresses whether an address or a port was given back
 * @param room whether a node may have room for a task that it had not room for before
 */
public record Scope(
    Set<String> services, boolean networks, boolean nodes, boolean addresses, boolean room) {}
