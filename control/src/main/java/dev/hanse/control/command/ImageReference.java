package dev.hanse.control.command;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The form of an image reference, "[HOST[:PORT]/]PATH[:TAG][@DIGEST]", as the distribution
 * project's reference grammar has it.
 */
final class ImageReference {
  /** Characters of the name without tag and digest. */
  static final int NAME_LENGTH_MAX = 255;

  private static final int LENGTH_MAX = 1024;
  private static final Pattern HOST =
      Pattern.compile(
          "(?:\\[[a-fA-F0-9:]+\\]|[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?)(?::[0-9]+)?");
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern REST =
      Pattern.compile(
          "(?<path>"
              + COMPONENT
              + "(?:/"
              + COMPONENT
              + ")*)"
              + "(?::[\\w][\\w.-]{0,127})?"
              + "(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?");
  private static final Pattern IMAGE_ID = Pattern.compile("[a-f0-9]{64}");

  private ImageReference() {}

  static boolean isValid(String reference) {
    if (reference.length() > LENGTH_MAX || IMAGE_ID.matcher(reference).matches()) {
      return false;
    }
    int slash = reference.indexOf('/');
    String first = slash < 0 ? "" : reference.substring(0, slash);
    boolean named =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.equals(first.toLowerCase(Locale.ROOT));
    if (named && !HOST.matcher(first).matches()) {
      return false;
    }
    var rest = REST.matcher(named ? reference.substring(slash + 1) : reference);
    return rest.matches() && rest.group("path").length() + first.length() <= NAME_LENGTH_MAX;
  }
}
