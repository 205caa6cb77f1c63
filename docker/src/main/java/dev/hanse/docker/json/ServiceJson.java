package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.GlobalJob;
import dev.hanse.model.GlobalService;
import dev.hanse.model.ReplicatedJob;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.Optional;
import java.util.stream.Stream;

/** Services. */
public final class ServiceJson {
  private ServiceJson() {}

  /** A service as {@code GET /services} shows it; the status only if asked for. */
  public static ObjectNode service(Service service, Optional<ServiceStatus> status) {
    ObjectNode object = Json.object();
    object.put("ID", service.getId());
    CommonJson.meta(object, service.getMeta());
    object.set("Spec", spec(service.getSpec()));
    if (service.hasPreviousSpec()) {
      object.set("PreviousSpec", spec(service.getPreviousSpec()));
    }
    object.set("Endpoint", EndpointJson.endpoint(service));
    if (service.hasUpdateStatus()) {
      object.set("UpdateStatus", UpdateJson.status(service.getUpdateStatus()));
    }
    status.ifPresent(
        counts ->
            object
                .putObject("ServiceStatus")
                .put("RunningTasks", counts.running())
                .put("DesiredTasks", counts.desired())
                .put("CompletedTasks", counts.completed()));
    if (service.hasJobStatus()) {
      ObjectNode job = object.putObject("JobStatus");
      CommonJson.version(job, "JobIteration", service.getJobStatus().getJobIteration().getIndex());
      job.put("LastExecution", Times.text(service.getJobStatus().getLastExecution()));
    }
    return object;
  }

  static ObjectNode spec(ServiceSpec spec) {
    ObjectNode object = Json.object();
    CommonJson.annotations(object, spec.getAnnotations());
    object.set("TaskTemplate", TaskSpecJson.template(spec.getTask(), OldNetworks.of(spec)));
    object.set("Mode", mode(spec));
    if (spec.hasUpdate()) {
      object.set("UpdateConfig", UpdateJson.config(spec.getUpdate()));
    }
    if (spec.hasRollback()) {
      object.set("RollbackConfig", UpdateJson.config(spec.getRollback()));
    }
    if (spec.hasEndpoint()) {
      object.set("EndpointSpec", EndpointJson.spec(spec.getEndpoint()));
    }
    return object;
  }

  private static ObjectNode mode(ServiceSpec spec) {
    ObjectNode object = Json.object();
    switch (spec.getModeCase()) {
      case REPLICATED ->
          object.putObject("Replicated").put("Replicas", spec.getReplicated().getReplicas());
      case GLOBAL -> object.putObject("Global");
      case REPLICATED_JOB ->
          object
              .putObject("ReplicatedJob")
              .put("MaxConcurrent", spec.getReplicatedJob().getMaxConcurrent())
              .put("TotalCompletions", spec.getReplicatedJob().getTotalCompletions());
      case GLOBAL_JOB -> object.putObject("GlobalJob");
      case MODE_NOT_SET -> {}
    }
    return object;
  }

  /**
   * Reads the specification that a client wants.
   *
   * @throws HttpFailure 400 in Docker's words
   */
  public static ServiceSpec spec(Fields fields) {
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder()
            .setAnnotations(CommonJson.annotations(fields))
            .setTask(TaskSpecJson.spec(fields.objectOrEmpty("TaskTemplate")));
    if (spec.getTask().getNetworksCount() == 0 && fields.has("Networks")) {
      spec.getTaskBuilder().addAllNetworks(OldNetworks.of(fields));
    }
    fields.object("UpdateConfig").map(UpdateJson::config).ifPresent(spec::setUpdate);
    fields.object("RollbackConfig").map(UpdateJson::config).ifPresent(spec::setRollback);
    fields.object("EndpointSpec").map(EndpointJson::spec).ifPresent(spec::setEndpoint);
    mode(spec, fields.objectOrEmpty("Mode"));
    return spec.build();
  }

  private static void mode(ServiceSpec.Builder spec, Fields mode) {
    long given =
        Stream.of("Replicated", "Global", "ReplicatedJob", "GlobalJob").filter(mode::has).count();
    if (given > 1) {
      throw HttpFailure.invalid("must specify only one service mode");
    }
    if (mode.has("Global")) {
      spec.setGlobal(GlobalService.getDefaultInstance());
    } else if (mode.has("GlobalJob")) {
      spec.setGlobalJob(GlobalJob.getDefaultInstance());
    } else if (mode.has("ReplicatedJob")) {
      Fields job = mode.objectOrEmpty("ReplicatedJob");
      long concurrent = job.findUnsigned("MaxConcurrent").orElse(1L);
      spec.setReplicatedJob(
          ReplicatedJob.newBuilder()
              .setMaxConcurrent(concurrent)
              .setTotalCompletions(job.findUnsigned("TotalCompletions").orElse(concurrent)));
    } else {
      long replicas = mode.objectOrEmpty("Replicated").findUnsigned("Replicas").orElse(1L);
      spec.setReplicated(ReplicatedService.newBuilder().setReplicas(replicas));
    }
  }
}
