package dev.hanse.text;

/** What came of reading the name of an image. */
public sealed interface ImageNameReading permits ImageName, ImageNameReading.Malformed {
  /**
   * It is none.
   *
   * @param reason what Docker says of it
   */
  record Malformed(String reason) implements ImageNameReading {}
}
