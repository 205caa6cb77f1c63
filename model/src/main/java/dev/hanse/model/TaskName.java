package dev.hanse.model;

/** The name that a task has for users. */
public final class TaskName {
  private TaskName() {}

  /**
   * The task's own name, else "SERVICE.SLOT.TASK", with the node's id instead of the slot in global
   * services; "" for a task of no service that has none.
   */
  public static String of(Task task) {
    String name = task.getAnnotations().getName();
    if (!name.isEmpty() || task.getServiceId().isEmpty()) {
      return name;
    }
    String slot = task.getSlot() == 0 ? task.getNodeId() : Long.toUnsignedString(task.getSlot());
    return task.getServiceAnnotations().getName() + "." + slot + "." + task.getId();
  }
}
