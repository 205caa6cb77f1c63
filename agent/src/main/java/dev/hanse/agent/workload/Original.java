package dev.hanse.agent.workload;

import com.google.protobuf.ByteString;

/**
 * What a workload was made of, in its maker's own form. Kept with the workload; nobody but the
 * maker reads it.
 *
 * @param maker who made it
 * @param content the maker's own
 */
public record Original(String maker, ByteString content) {}
