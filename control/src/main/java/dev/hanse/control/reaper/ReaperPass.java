package dev.hanse.control.reaper;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;

/** Removes tasks that nobody needs any more, service by service. */
public final class ReaperPass implements Pass {
  @Override
  public String name() {
    return "reaper";
  }

  @Override
  public void run(Look look) {
    Reaper reaper = new Reaper(look.transaction(), look.context());
    look.each("service", look.scope().servicesWithId(), reaper::run);
    look.isolation().run("attachments", "", reaper::runAttachments);
  }
}
