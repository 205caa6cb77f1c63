package dev.hanse.agent.dispatch;

/**
 * What a node says of itself in each heartbeat.
 *
 * @param leaving its machine goes down
 * @param illness what keeps it from running tasks, "" if nothing does
 */
record SelfReport(boolean leaving, String illness) {
  static final SelfReport WELL = new SelfReport(false, "");

  SelfReport asLeaving() {
    return new SelfReport(true, illness);
  }

  SelfReport withIllness(String present) {
    return new SelfReport(leaving, present);
  }
}
