package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ContainerSpec.DNSConfig;
import dev.hanse.model.ContainerSpec.Isolation;
import dev.hanse.model.ContainerSpec.Ulimit;
import dev.hanse.model.HealthConfig;
import dev.hanse.model.SecretReference;
import dev.hanse.web.Json;
import java.util.List;

/** What runs in a task. */
final class ContainerSpecJson {
  private ContainerSpecJson() {}

  static ObjectNode spec(ContainerSpec spec) {
    ObjectNode object = Json.object();
    Out.text(object, "Image", spec.getImage());
    Out.map(object, "Labels", spec.getLabelsMap());
    Out.texts(object, "Command", spec.getCommandList());
    Out.texts(object, "Args", spec.getArgsList());
    Out.text(object, "Hostname", spec.getHostname());
    Out.texts(object, "Env", spec.getEnvList());
    Out.text(object, "Dir", spec.getDir());
    Out.text(object, "User", spec.getUser());
    Out.texts(object, "Groups", spec.getGroupsList());
    if (spec.hasPrivileges()) {
      object.set("Privileges", PrivilegesJson.privileges(spec.getPrivileges()));
    }
    if (spec.hasInit()) {
      object.put("Init", spec.getInit().getValue());
    }
    Out.text(object, "StopSignal", spec.getStopSignal());
    Out.flag(object, "TTY", spec.getTty());
    Out.flag(object, "OpenStdin", spec.getOpenStdin());
    Out.flag(object, "ReadOnly", spec.getReadOnly());
    Out.objects(object, "Mounts", spec.getMountsList(), MountJson::mount);
    if (spec.hasStopGracePeriod()) {
      object.put("StopGracePeriod", Times.nanoseconds(spec.getStopGracePeriod()));
    }
    if (spec.hasHealthcheck()) {
      object.set("Healthcheck", health(spec.getHealthcheck()));
    }
    Out.texts(object, "Hosts", spec.getHostsList());
    if (spec.hasDnsConfig()) {
      object.set("DNSConfig", names(spec.getDnsConfig()));
    }
    files(object, spec);
    object.put("Isolation", isolation(spec.getIsolation()));
    Out.map(object, "Sysctls", spec.getSysctlsMap());
    Out.texts(object, "CapabilityAdd", spec.getCapabilityAddList());
    Out.texts(object, "CapabilityDrop", spec.getCapabilityDropList());
    Out.objects(object, "Ulimits", spec.getUlimitsList(), ContainerSpecJson::limit);
    Out.number(object, "OomScoreAdj", spec.getOomScoreAdj());
    return object;
  }

  private static void files(ObjectNode object, ContainerSpec spec) {
    List<SecretReference> secrets =
        spec.getSecretsList().stream().filter(SecretReference::hasFile).toList();
    List<ConfigReference> configs =
        spec.getConfigsList().stream()
            .filter(config -> config.hasFile() || config.hasRuntime())
            .toList();
    Out.objects(object, "Secrets", secrets, FileReferenceJson::secret);
    Out.objects(object, "Configs", configs, FileReferenceJson::config);
  }

  private static ObjectNode health(HealthConfig health) {
    ObjectNode object = Json.object();
    Out.texts(object, "Test", health.getTestList());
    Out.duration(object, "Interval", health.getInterval());
    Out.duration(object, "Timeout", health.getTimeout());
    Out.duration(object, "StartPeriod", health.getStartPeriod());
    Out.duration(object, "StartInterval", health.getStartInterval());
    Out.number(object, "Retries", health.getRetries());
    return object;
  }

  private static ObjectNode names(DNSConfig config) {
    ObjectNode object = Json.object();
    Out.texts(object, "Nameservers", config.getNameserversList());
    Out.texts(object, "Search", config.getSearchList());
    Out.texts(object, "Options", config.getOptionsList());
    return object;
  }

  private static ObjectNode limit(Ulimit limit) {
    return Json.object()
        .put("Name", limit.getName())
        .put("Hard", limit.getHard())
        .put("Soft", limit.getSoft());
  }

  private static String isolation(Isolation isolation) {
    return switch (isolation) {
      case ISOLATION_DEFAULT -> "default";
      case ISOLATION_PROCESS -> "process";
      case ISOLATION_HYPERV -> "hyperv";
      case UNRECOGNIZED -> "";
    };
  }

  static ContainerSpec.Builder spec(Fields fields) {
    ContainerSpec.Builder spec =
        ContainerSpec.newBuilder()
            .setImage(fields.text("Image"))
            .putAllLabels(fields.map("Labels"))
            .addAllCommand(fields.texts("Command"))
            .addAllArgs(fields.texts("Args"))
            .setHostname(fields.text("Hostname"))
            .addAllEnv(fields.texts("Env"))
            .setDir(fields.text("Dir"))
            .setUser(fields.text("User"))
            .addAllGroups(fields.texts("Groups"))
            .setStopSignal(fields.text("StopSignal"))
            .setTty(fields.flag("TTY"))
            .setOpenStdin(fields.flag("OpenStdin"))
            .setReadOnly(fields.flag("ReadOnly"))
            .addAllHosts(fields.texts("Hosts"))
            .setIsolation(parseIsolation(fields.text("Isolation")))
            .putAllSysctls(fields.map("Sysctls"))
            .addAllCapabilityAdd(fields.texts("CapabilityAdd"))
            .addAllCapabilityDrop(fields.texts("CapabilityDrop"))
            .setOomScoreAdj(fields.number("OomScoreAdj"));
    fields.object("Privileges").map(PrivilegesJson::privileges).ifPresent(spec::setPrivileges);
    fields.findFlag("Init").ifPresent(init -> spec.setInit(BoolValue.of(init)));
    fields.objects("Mounts").forEach(mount -> spec.addMounts(MountJson.mount(mount)));
    fields.duration("StopGracePeriod").ifPresent(spec::setStopGracePeriod);
    fields.object("Healthcheck").map(ContainerSpecJson::health).ifPresent(spec::setHealthcheck);
    fields.object("DNSConfig").map(ContainerSpecJson::names).ifPresent(spec::setDnsConfig);
    fields.objects("Secrets").forEach(s -> spec.addSecrets(FileReferenceJson.secret(s)));
    fields.objects("Configs").forEach(c -> spec.addConfigs(FileReferenceJson.config(c)));
    fields.objects("Ulimits").forEach(limit -> spec.addUlimits(limit(limit)));
    return spec;
  }

  private static HealthConfig health(Fields fields) {
    Duration none = Duration.getDefaultInstance();
    return HealthConfig.newBuilder()
        .addAllTest(fields.texts("Test"))
        .setInterval(fields.duration("Interval").orElse(none))
        .setTimeout(fields.duration("Timeout").orElse(none))
        .setStartPeriod(fields.duration("StartPeriod").orElse(none))
        .setStartInterval(fields.duration("StartInterval").orElse(none))
        .setRetries((int) Math.min(Integer.MAX_VALUE, fields.number("Retries")))
        .build();
  }

  private static DNSConfig names(Fields fields) {
    return DNSConfig.newBuilder()
        .addAllNameservers(fields.texts("Nameservers"))
        .addAllSearch(fields.texts("Search"))
        .addAllOptions(fields.texts("Options"))
        .build();
  }

  private static Ulimit limit(Fields fields) {
    return Ulimit.newBuilder()
        .setName(fields.text("Name"))
        .setHard(fields.number("Hard"))
        .setSoft(fields.number("Soft"))
        .build();
  }

  /** As Docker: what is not known is the default. */
  private static Isolation parseIsolation(String text) {
    return switch (text) {
      case "process" -> Isolation.ISOLATION_PROCESS;
      case "hyperv" -> Isolation.ISOLATION_HYPERV;
      default -> Isolation.ISOLATION_DEFAULT;
    };
  }
}
