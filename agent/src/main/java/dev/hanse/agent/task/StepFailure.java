package dev.hanse.agent.task;

/**
 * Why a step did not succeed and, for the task's sake, never will.
 *
 * @param message fit for the task's status
 */
public record StepFailure(String message) {}
