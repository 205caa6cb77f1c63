package dev.hanse.control.command;

/**
 * A write that somebody asks for. Plain data; {@link dev.hanse.control.decision.Commands#decide}
 * says what comes of it.
 */
public sealed interface Command
    permits ServiceCommand,
        NetworkCommand,
        SecretCommand,
        ConfigCommand,
        NodeCommand,
        ClusterCommand,
        TaskCommand,
        ResourceCommand,
        Batch {}
