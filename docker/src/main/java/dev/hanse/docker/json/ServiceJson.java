package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TIME;
import static dev.hanse.docker.field.Notations.UNSIGNED;
import static dev.hanse.docker.json.CommonJson.VERSION;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.control.query.ServiceStatus;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.model.GlobalJob;
import dev.hanse.model.GlobalService;
import dev.hanse.model.JobStatus;
import dev.hanse.model.ReplicatedJob;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.web.HttpFailure;
import java.util.Optional;
import java.util.stream.Stream;

/** Services. */
public final class ServiceJson {
  private static final FieldTable<ReplicatedService, ReplicatedService.Builder> REPLICATED =
      FieldTable.of(ReplicatedService::newBuilder, ReplicatedService.Builder::build)
          .always(
              "Replicas",
              UNSIGNED.orElse(1L),
              ReplicatedService::getReplicas,
              ReplicatedService.Builder::setReplicas)
          .build();

  private static final FieldTable<ReplicatedJob, ReplicatedJob.Builder> JOB_MODE =
      FieldTable.of(ReplicatedJob::newBuilder, ReplicatedJob.Builder::build)
          .always(
              "MaxConcurrent",
              UNSIGNED.orElse(1L),
              ReplicatedJob::getMaxConcurrent,
              ReplicatedJob.Builder::setMaxConcurrent)
          .also((fields, job) -> job.setTotalCompletions(job.getMaxConcurrent()))
          .always(
              "TotalCompletions",
              UNSIGNED,
              ReplicatedJob::getTotalCompletions,
              ReplicatedJob.Builder::setTotalCompletions)
          .build();

  /** What a client wants. */
  static final FieldTable<ServiceSpec, ServiceSpec.Builder> SPEC =
      FieldTable.of(ServiceSpec::newBuilder, ServiceSpec.Builder::build)
          .inline(
              CommonJson.ANNOTATIONS,
              ServiceSpec::getAnnotations,
              ServiceSpec.Builder::getAnnotationsBuilder)
          .other(ServiceJson::showTemplate, ServiceJson::readTemplate)
          .other(ServiceJson::showMode, ServiceJson::readMode)
          .optional(
              "UpdateConfig",
              UpdateJson.CONFIG,
              ServiceSpec::hasUpdate,
              ServiceSpec::getUpdate,
              ServiceSpec.Builder::setUpdate)
          .optional(
              "RollbackConfig",
              UpdateJson.CONFIG,
              ServiceSpec::hasRollback,
              ServiceSpec::getRollback,
              ServiceSpec.Builder::setRollback)
          .optional(
              "EndpointSpec",
              EndpointJson.SPEC,
              ServiceSpec::hasEndpoint,
              ServiceSpec::getEndpoint,
              ServiceSpec.Builder::setEndpoint)
          .without("networks", "the old place, which counts where the template has none")
          .build();

  private static final ShownTable<JobStatus> JOB =
      ShownTable.of(JobStatus.class)
          .always("JobIteration", VERSION, JobStatus::getJobIteration)
          .always("LastExecution", TIME, JobStatus::getLastExecution)
          .build();

  private static final ShownTable<Service> TABLE =
      ShownTable.of(Service.class)
          .always("ID", TEXT, Service::getId)
          .inline(CommonJson.META, Service::getMeta)
          .always("Spec", SPEC, Service::getSpec)
          .optional("PreviousSpec", SPEC, Service::hasPreviousSpec, Service::getPreviousSpec)
          .always("Endpoint", EndpointJson.ENDPOINT, Service::getEndpoint)
          .optional(
              "UpdateStatus", UpdateJson.STATUS, Service::hasUpdateStatus, Service::getUpdateStatus)
          .optional("JobStatus", JOB, Service::hasJobStatus, Service::getJobStatus)
          .without("spec_version", "Docker shows the object's version only")
          .without("previous_spec_version", "Docker shows the object's version only")
          .without("pending_delete", "swarmkit's own: it is on its way out")
          .build();

  private ServiceJson() {}

  /** A service as {@code GET /services} shows it; the status only if asked for. */
  public static ObjectNode service(Service service, Optional<ServiceStatus> status) {
    ObjectNode object = TABLE.show(service);
    status.ifPresent(
        counts ->
            object
                .putObject("ServiceStatus")
                .put("RunningTasks", counts.running())
                .put("DesiredTasks", counts.desired())
                .put("CompletedTasks", counts.completed()));
    return object;
  }

  static ObjectNode spec(ServiceSpec spec) {
    return SPEC.show(spec);
  }

  /**
   * Reads the specification that a client wants.
   *
   * @throws HttpFailure 400 in Docker's words
   */
  public static ServiceSpec spec(Fields fields) {
    return SPEC.read(fields);
  }

  private static void showTemplate(ServiceSpec spec, ObjectNode object) {
    object.set("TaskTemplate", TaskSpecJson.template(spec.getTask(), OldNetworks.of(spec)));
  }

  private static void readTemplate(Fields fields, ServiceSpec.Builder spec) {
    spec.setTask(TaskSpecJson.TABLE.read(fields.objectOrEmpty("TaskTemplate")));
    if (spec.getTask().getNetworksCount() == 0 && fields.has("Networks")) {
      spec.getTaskBuilder().addAllNetworks(OldNetworks.of(fields));
    }
  }

  private static void showMode(ServiceSpec spec, ObjectNode object) {
    ObjectNode mode = object.putObject("Mode");
    switch (spec.getModeCase()) {
      case REPLICATED -> mode.set("Replicated", REPLICATED.show(spec.getReplicated()));
      case GLOBAL -> mode.putObject("Global");
      case REPLICATED_JOB -> mode.set("ReplicatedJob", JOB_MODE.show(spec.getReplicatedJob()));
      case GLOBAL_JOB -> mode.putObject("GlobalJob");
      case MODE_NOT_SET -> {}
    }
  }

  /** One of four; a single task for who names none. */
  private static void readMode(Fields fields, ServiceSpec.Builder spec) {
    Fields mode = fields.objectOrEmpty("Mode");
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
      spec.setReplicatedJob(JOB_MODE.read(mode.objectOrEmpty("ReplicatedJob")));
    } else {
      spec.setReplicated(REPLICATED.read(mode.objectOrEmpty("Replicated")));
    }
  }
}
