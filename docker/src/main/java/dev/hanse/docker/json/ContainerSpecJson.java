package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.COUNT;
import static dev.hanse.docker.field.Notations.DURATION;
import static dev.hanse.docker.field.Notations.DURATION_OR_ZERO;
import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.NUMBER;
import static dev.hanse.docker.field.Notations.OPTIONAL_FLAG;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXTS;
import static dev.hanse.docker.field.Notations.list;

import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Words;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ContainerSpec.DNSConfig;
import dev.hanse.model.ContainerSpec.Isolation;
import dev.hanse.model.ContainerSpec.Ulimit;
import dev.hanse.model.HealthConfig;
import dev.hanse.model.SecretReference;
import java.util.List;

/** What runs in a task. */
public final class ContainerSpecJson {
  /** How a container is probed; the engine's API has it in the same form. */
  public static final FieldTable<HealthConfig, HealthConfig.Builder> HEALTH =
      FieldTable.of(HealthConfig::newBuilder, HealthConfig.Builder::build)
          .line("Test", TEXTS, HealthConfig::getTestList, HealthConfig.Builder::addAllTest)
          .line(
              "Interval",
              DURATION_OR_ZERO,
              HealthConfig::getInterval,
              HealthConfig.Builder::setInterval)
          .line(
              "Timeout",
              DURATION_OR_ZERO,
              HealthConfig::getTimeout,
              HealthConfig.Builder::setTimeout)
          .line(
              "StartPeriod",
              DURATION_OR_ZERO,
              HealthConfig::getStartPeriod,
              HealthConfig.Builder::setStartPeriod)
          .line(
              "StartInterval",
              DURATION_OR_ZERO,
              HealthConfig::getStartInterval,
              HealthConfig.Builder::setStartInterval)
          .line("Retries", COUNT, HealthConfig::getRetries, HealthConfig.Builder::setRetries)
          .build();

  /** A limit of the processes' resources, such as open files. */
  public static final FieldTable<Ulimit, Ulimit.Builder> ULIMIT =
      FieldTable.of(Ulimit::newBuilder, Ulimit.Builder::build)
          .always("Name", TEXT, Ulimit::getName, Ulimit.Builder::setName)
          .always("Hard", NUMBER, Ulimit::getHard, Ulimit.Builder::setHard)
          .always("Soft", NUMBER, Ulimit::getSoft, Ulimit.Builder::setSoft)
          .build();

  private static final FieldTable<DNSConfig, DNSConfig.Builder> NAMES =
      FieldTable.of(DNSConfig::newBuilder, DNSConfig.Builder::build)
          .line(
              "Nameservers",
              TEXTS,
              DNSConfig::getNameserversList,
              DNSConfig.Builder::addAllNameservers)
          .line("Search", TEXTS, DNSConfig::getSearchList, DNSConfig.Builder::addAllSearch)
          .line("Options", TEXTS, DNSConfig::getOptionsList, DNSConfig.Builder::addAllOptions)
          .build();

  /** How a container is kept apart on Windows. */
  public static final Words<Isolation> ISOLATION =
      Words.lenient(Isolation.ISOLATION_DEFAULT, ContainerSpecJson::word);

  /** Fields of the specification, in the order in which Docker writes them. */
  static final FieldTable<ContainerSpec, ContainerSpec.Builder> TABLE =
      FieldTable.of(ContainerSpec::newBuilder, ContainerSpec.Builder::build)
          .line("Image", TEXT, ContainerSpec::getImage, ContainerSpec.Builder::setImage)
          .line("Labels", MAP, ContainerSpec::getLabelsMap, ContainerSpec.Builder::putAllLabels)
          .line(
              "Command", TEXTS, ContainerSpec::getCommandList, ContainerSpec.Builder::addAllCommand)
          .line("Args", TEXTS, ContainerSpec::getArgsList, ContainerSpec.Builder::addAllArgs)
          .line("Hostname", TEXT, ContainerSpec::getHostname, ContainerSpec.Builder::setHostname)
          .line("Env", TEXTS, ContainerSpec::getEnvList, ContainerSpec.Builder::addAllEnv)
          .line("Dir", TEXT, ContainerSpec::getDir, ContainerSpec.Builder::setDir)
          .line("User", TEXT, ContainerSpec::getUser, ContainerSpec.Builder::setUser)
          .line("Groups", TEXTS, ContainerSpec::getGroupsList, ContainerSpec.Builder::addAllGroups)
          .optional(
              "Privileges",
              PrivilegesJson.TABLE,
              ContainerSpec::hasPrivileges,
              ContainerSpec::getPrivileges,
              ContainerSpec.Builder::setPrivileges)
          .optional(
              "Init",
              OPTIONAL_FLAG,
              ContainerSpec::hasInit,
              ContainerSpec::getInit,
              ContainerSpec.Builder::setInit)
          .line(
              "StopSignal",
              TEXT,
              ContainerSpec::getStopSignal,
              ContainerSpec.Builder::setStopSignal)
          .line("TTY", FLAG, ContainerSpec::getTty, ContainerSpec.Builder::setTty)
          .line("OpenStdin", FLAG, ContainerSpec::getOpenStdin, ContainerSpec.Builder::setOpenStdin)
          .line("ReadOnly", FLAG, ContainerSpec::getReadOnly, ContainerSpec.Builder::setReadOnly)
          .line(
              "Mounts",
              list(MountJson.TABLE),
              ContainerSpec::getMountsList,
              ContainerSpec.Builder::addAllMounts)
          .optional(
              "StopGracePeriod",
              DURATION,
              ContainerSpec::hasStopGracePeriod,
              ContainerSpec::getStopGracePeriod,
              ContainerSpec.Builder::setStopGracePeriod)
          .optional(
              "Healthcheck",
              HEALTH,
              ContainerSpec::hasHealthcheck,
              ContainerSpec::getHealthcheck,
              ContainerSpec.Builder::setHealthcheck)
          .line("Hosts", TEXTS, ContainerSpec::getHostsList, ContainerSpec.Builder::addAllHosts)
          .optional(
              "DNSConfig",
              NAMES,
              ContainerSpec::hasDnsConfig,
              ContainerSpec::getDnsConfig,
              ContainerSpec.Builder::setDnsConfig)
          .line(
              "Secrets",
              list(FileReferenceJson.SECRET),
              ContainerSpecJson::secrets,
              ContainerSpec.Builder::addAllSecrets)
          .line(
              "Configs",
              list(FileReferenceJson.CONFIG),
              ContainerSpecJson::configs,
              ContainerSpec.Builder::addAllConfigs)
          .always(
              "Isolation",
              ISOLATION,
              ContainerSpec::getIsolation,
              ContainerSpec.Builder::setIsolation)
          .line("Sysctls", MAP, ContainerSpec::getSysctlsMap, ContainerSpec.Builder::putAllSysctls)
          .line(
              "CapabilityAdd",
              TEXTS,
              ContainerSpec::getCapabilityAddList,
              ContainerSpec.Builder::addAllCapabilityAdd)
          .line(
              "CapabilityDrop",
              TEXTS,
              ContainerSpec::getCapabilityDropList,
              ContainerSpec.Builder::addAllCapabilityDrop)
          .line(
              "Ulimits",
              list(ULIMIT),
              ContainerSpec::getUlimitsList,
              ContainerSpec.Builder::addAllUlimits)
          .line(
              "OomScoreAdj",
              NUMBER,
              ContainerSpec::getOomScoreAdj,
              ContainerSpec.Builder::setOomScoreAdj)
          .line(
              "ShmSize",
              NUMBER.refusing(size -> size < 0, "SHM size can not be less than 0"),
              ContainerSpec::getShmBytes,
              ContainerSpec.Builder::setShmBytes)
          .without("pull_options", "credentials come with a header and are shown to nobody")
          .without("pidsLimit", "Docker has it among the resources: TaskSpecJson")
          .build();

  private ContainerSpecJson() {}

  private static List<SecretReference> secrets(ContainerSpec spec) {
    return spec.getSecretsCount() == 0
        ? List.of()
        : spec.getSecretsList().stream().filter(SecretReference::hasFile).toList();
  }

  private static List<ConfigReference> configs(ContainerSpec spec) {
    return spec.getConfigsCount() == 0
        ? List.of()
        : spec.getConfigsList().stream()
            .filter(config -> config.hasFile() || config.hasRuntime())
            .toList();
  }

  private static String word(Isolation isolation) {
    return switch (isolation) {
      case ISOLATION_DEFAULT -> "default";
      case ISOLATION_PROCESS -> "process";
      case ISOLATION_HYPERV -> "hyperv";
      case UNRECOGNIZED -> "";
    };
  }
}
