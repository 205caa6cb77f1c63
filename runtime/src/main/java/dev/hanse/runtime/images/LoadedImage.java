package dev.hanse.runtime.images;

import java.util.List;

/**
 * One image of a loaded archive.
 *
 * @param names familiar names that the archive gave it, may be none
 */
public record LoadedImage(Image image, List<String> names) {
  public LoadedImage {
    names = List.copyOf(names);
  }
}
