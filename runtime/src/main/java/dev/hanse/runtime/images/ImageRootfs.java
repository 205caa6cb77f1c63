package dev.hanse.runtime.images;

import java.util.Optional;

/**
 * What is needed to start containers of an image, remembered after the first.
 *
 * @param imageId the image
 * @param config its defaults
 * @param chainId snapshot that is the image's file system, empty if it has no layers
 * @param passwd its /etc/passwd, if it has one
 * @param group its /etc/group, if it has one
 */
public record ImageRootfs(
    String imageId,
    ImageConfig config,
    String chainId,
    Optional<String> passwd,
    Optional<String> group) {}
