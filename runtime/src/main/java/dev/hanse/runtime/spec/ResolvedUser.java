package dev.hanse.runtime.spec;

import dev.hanse.runtime.RuntimeFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A user as numbers.
 *
 * @param groups all groups, the main one first
 */
public record ResolvedUser(long user, long group, List<Long> groups) {
  private static final long NUMBER_MAX = Integer.MAX_VALUE;

  /** More than the kernel takes (NGROUPS_MAX) a process cannot be in. */
  static final int GROUPS_MAX = 65_536;

  public ResolvedUser {
    groups = List.copyOf(groups);
  }

  /**
   * Looks a user up in the image's files, as Docker does.
   *
   * @param wanted {@code user[:group]} by name or number, empty for root
   * @param passwd text of passwd(5), if the image has one
   * @param group text of group(5), if the image has one
   * @param additional more groups by name or number
   * @throws RuntimeFault INVALID with Docker's text
   */
  public static ResolvedUser of(
      String wanted, Optional<String> passwd, Optional<String> group, List<String> additional) {
    int colon = wanted.indexOf(':');
    String userPart = colon < 0 ? wanted : wanted.substring(0, colon);
    String groupPart = colon < 0 ? "" : wanted.substring(colon + 1);
    Optional<String[]> entry = user(userPart, passwd);
    long userNumber =
        entry.map(fields -> number(fields[2]).orElse(0)).orElseGet(() -> bareUser(userPart));
    long groupNumber = entry.map(fields -> number(fields[3]).orElse(0)).orElse(0L);
    var memberOf = new LinkedHashSet<Long>();
    if (!groupPart.isEmpty()) {
      groupNumber = group(groupPart, group);
    }
    memberOf.add(groupNumber);
    if (groupPart.isEmpty() && entry.isPresent()) {
      groupsOf(entry.get()[0], group).limit(GROUPS_MAX + 1L).forEach(memberOf::add);
    }
    additional.forEach(name -> memberOf.add(group(name, group)));
    if (memberOf.size() > GROUPS_MAX) {
      throw invalid("user " + wanted + " is in more than " + GROUPS_MAX + " groups");
    }
    return new ResolvedUser(userNumber, groupNumber, new ArrayList<>(memberOf));
  }

  private static Optional<String[]> user(String wanted, Optional<String> passwd) {
    String number = wanted.isEmpty() ? "0" : wanted;
    return lines(passwd, 7)
        .filter(
            fields ->
                (!wanted.isEmpty() && fields[0].equals(wanted))
                    || (number(number).isPresent() && number(fields[2]).equals(number(number))))
        .findFirst();
  }

  private static long bareUser(String wanted) {
    if (wanted.isEmpty()) {
      return 0;
    }
    return inRange(
        number(wanted)
            .orElseThrow(
                () ->
                    invalid(
                        "unable to find user " + wanted + ": no matching entries in passwd file")));
  }

  private static long group(String wanted, Optional<String> group) {
    Optional<String[]> entry =
        lines(group, 4)
            .filter(
                fields ->
                    fields[0].equals(wanted)
                        || (number(wanted).isPresent() && number(fields[2]).equals(number(wanted))))
            .findFirst();
    if (entry.isPresent()) {
      return number(entry.get()[2]).orElse(0);
    }
    return inRange(
        number(wanted)
            .orElseThrow(
                () ->
                    invalid(
                        "unable to find group " + wanted + ": no matching entries in group file")));
  }

  private static Stream<Long> groupsOf(String user, Optional<String> group) {
    return lines(group, 4)
        .filter(fields -> List.of(fields[3].split(",")).contains(user))
        .flatMap(fields -> number(fields[2]).stream().boxed())
        .distinct();
  }

  /**
   * Lines of a colon-separated file, each with at least so many fields (missing ones empty). One at
   * a time: together they take a hundred times the bytes of a file that an image can make as it
   * likes.
   */
  private static Stream<String[]> lines(Optional<String> text, int fields) {
    return text.orElse("")
        .lines()
        .filter(line -> !line.isBlank() && line.charAt(0) != '#')
        .map(
            line -> {
              String[] given = line.strip().split(":", -1);
              String[] whole = new String[Math.max(fields, given.length)];
              Arrays.fill(whole, "");
              System.arraycopy(given, 0, whole, 0, given.length);
              return whole;
            });
  }

  private static OptionalLong number(String text) {
    boolean digits = !text.isEmpty() && text.length() < 12;
    for (int i = 0; i < text.length(); i++) {
      digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    return digits ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  private static long inRange(long number) {
    if (number > NUMBER_MAX) {
      throw invalid("uids and gids must be in range 0-" + NUMBER_MAX);
    }
    return number;
  }

  private static RuntimeFault invalid(String message) {
    return new RuntimeFault(RuntimeFault.Kind.INVALID, message);
  }
}
