package dev.hanse.control.allocator;

import dev.hanse.model.Task;

/** The names that tasks have for users. */
public final class TaskNames {
  private TaskNames() {}

  /** "SERVICE.SLOT.TASK", with the node's id instead of the slot in global services. */
  public static String of(Task task) {
    String name = task.getAnnotations().getName();
    if (!name.isEmpty() || task.getServiceId().isEmpty()) {
      return name;
    }
    String slot = task.getSlot() == 0 ? task.getNodeId() : Long.toUnsignedString(task.getSlot());
    return task.getServiceAnnotations().getName() + "." + slot + "." + task.getId();
  }
}
