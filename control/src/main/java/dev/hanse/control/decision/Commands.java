package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Batch;
import dev.hanse.control.command.ClusterCommand;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ConfigCommand;
import dev.hanse.control.command.NetworkCommand;
import dev.hanse.control.command.NodeCommand;
import dev.hanse.control.command.ResourceCommand;
import dev.hanse.control.command.SecretCommand;
import dev.hanse.control.command.ServiceCommand;
import dev.hanse.control.command.TaskCommand;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;

/** The one entry to every write. */
public final class Commands {
  private Commands() {}

  /**
   * Decides a command on a state. Commands of one batch are decided one after the other, each on
   * {@link Snapshot#preview} of what the former ones change.
   */
  public static Decision decide(Snapshot snapshot, Command command, Context context) {
    Transaction transaction = new Transaction(snapshot, context.now());
    return switch (command) {
      case ServiceCommand service -> new ServiceDecisions(transaction, context).decide(service);
      case NetworkCommand network -> new NetworkDecisions(transaction, context).decide(network);
      case SecretCommand secret -> new SecretDecisions(transaction, context).decide(secret);
      case ConfigCommand config -> new ConfigDecisions(transaction, context).decide(config);
      case NodeCommand node -> new NodeDecisions(transaction, context).decide(node);
      case ClusterCommand cluster -> new ClusterDecisions(transaction, context).decide(cluster);
      case TaskCommand task -> new TaskDecisions(transaction, context).decide(task);
      case ResourceCommand resource ->
          new ResourceDecisions(transaction, context, ResourceKinds.ALL).decide(resource);
      case Batch batch -> new BatchDecisions(snapshot, context).decide(batch);
    };
  }
}
