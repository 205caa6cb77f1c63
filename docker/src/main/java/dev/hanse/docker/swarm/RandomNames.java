package dev.hanse.docker.swarm;

import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** Names for services that were given none: a quality and a port of the old Hanse. */
final class RandomNames {
  private static final List<String> QUALITIES =
      List.of(
          "able",
          "brave",
          "bright",
          "busy",
          "calm",
          "clever",
          "eager",
          "early",
          "fair",
          "famous",
          "free",
          "friendly",
          "gentle",
          "glad",
          "golden",
          "grand",
          "happy",
          "honest",
          "humble",
          "jolly",
          "keen",
          "kind",
          "lively",
          "loyal",
          "lucky",
          "merry",
          "modest",
          "noble",
          "patient",
          "proud",
          "quick",
          "quiet",
          "ready",
          "rich",
          "royal",
          "silver",
          "steady",
          "stout",
          "swift",
          "tall",
          "trusty",
          "warm",
          "wise",
          "witty");

  private static final List<String> PORTS =
      List.of(
          "anklam",
          "bergen",
          "bremen",
          "bruges",
          "colberg",
          "cologne",
          "culm",
          "danzig",
          "demmin",
          "deventer",
          "dorpat",
          "elbing",
          "falsterbo",
          "greifswald",
          "groningen",
          "hamburg",
          "kampen",
          "kiel",
          "koenigsberg",
          "lubeck",
          "luneburg",
          "lynn",
          "magdeburg",
          "memel",
          "narva",
          "novgorod",
          "oslo",
          "pernau",
          "reval",
          "riga",
          "rostock",
          "soest",
          "stade",
          "stettin",
          "stralsund",
          "thorn",
          "tonsberg",
          "turku",
          "visby",
          "wismar",
          "wolgast",
          "zutphen",
          "zwolle");

  private static final int PLAIN_ATTEMPTS = 10;
  private static final int NUMBERS = 1_000_000;
  private static final RandomGenerator RANDOM = RandomGenerator.getDefault();

  private RandomNames() {}

  /** Such as "merry_visby", or "merry_visby417" where so many are taken that luck has an end. */
  static String next(Predicate<String> taken) {
    String name = random();
    for (int attempt = 0; taken.test(name); attempt++) {
      name = random() + (attempt < PLAIN_ATTEMPTS ? "" : Integer.toString(number(NUMBERS)));
    }
    return name;
  }

  private static String random() {
    return QUALITIES.get(number(QUALITIES.size())) + "_" + PORTS.get(number(PORTS.size()));
  }

  private static int number(int bound) {
    synchronized (RANDOM) {
      return RANDOM.nextInt(bound);
    }
  }
}
