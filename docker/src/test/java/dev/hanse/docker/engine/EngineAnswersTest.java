package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.Task;
import dev.hanse.web.RawClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Status codes and texts that clients rely on. */
@Timeout(120)
final class EngineAnswersTest {
  private static EngineWorld world;

  @BeforeAll
  static void open() throws Exception {
    world = new EngineWorld();
  }

  @AfterAll
  static void close() throws Exception {
    world.close();
  }

  private static void expect(String method, String path, String json, int status, String text)
      throws Exception {
    EngineWorld.Answer answer = world.ask(method, path, json);
    assertThat(answer.status()).as("%s %s: %s", method, path, answer.body()).isEqualTo(status);
    assertThat(answer.body()).as("%s %s", method, path).contains(text);
  }

  private static void expect(String method, String path, int status, String text) throws Exception {
    expect(method, path, "", status, text);
  }

  @Test
  void missingThingsAre404() throws Exception {
    expect("GET", "/containers/nobody/json", 404, "No such container: nobody");
    expect("POST", "/containers/nobody/kill", 404, "cannot kill container: nobody: No such");
    expect("DELETE", "/containers/nobody", 404, "No such container: nobody");
    expect("POST", "/containers/nobody/wait", 404, "No such container");
    expect("GET", "/exec/abc/json", 404, "No such exec instance: abc");
    expect("POST", "/exec/abc/start", "{}", 404, "No such exec instance: abc");
    expect("GET", "/images/nothing/json", 404, "No such image: nothing:latest");
    expect("DELETE", "/images/nothing", 404, "No such image: nothing:latest");
    expect("GET", "/images/nothing/get", 404, "No such image: nothing:latest");
    expect("GET", "/volumes/none", 404, "get none: no such volume");
    expect("DELETE", "/volumes/none", 404, "get none: no such volume");
    expect("DELETE", "/volumes/none?force=1", 204, "");
  }

  @Test
  void badRequestsAre400() throws Exception {
    expect(
        "GET",
        "/containers/json?filters={\"color\":[\"red\"]}".replace("\"", "%22"),
        400,
        "invalid filter 'color'");
    expect("GET", "/containers/json?filters=%7B%22status%22:[%22odd%22]%7D", 400, "status=odd");
    expect("POST", "/images/create?fromImage=Bad::name", 400, "invalid reference format");
    expect("POST", "/images/busybox/tag?repo=UPPER", 400, "lowercase");
    expect("POST", "/volumes/create", "{\"Name\":\"a/b\"}", 400, "invalid characters");
    expect("POST", "/volumes/create", "{\"Name\":5}", 400, "field Name of type string");
    expect(
        "POST", "/volumes/create", "{\"Labels\":{\"a\":[]}}", 400, "field Labels of type string");
    expect("POST", "/auth", "{\"username\":{}}", 400, "field username of type string");
    expect("POST", "/containers/x/exec", "{\"Cmd\":[5]}", 400, "field Cmd of type string");
    expect("POST", "/containers/x/exec", "{\"Cmd\":[\"\\u0000\"]}", 400, "NUL character");
    expect("GET", "/events?until=99999999999999999", 400, "out of range");
    expect("GET", "/events?since=-99999999999999999", 400, "out of range");
    expect("GET", "/system/df?type=everything", 400, "unknown object type: everything");
    expect(
        "POST",
        "/containers/prune?filters=%7B%22until%22:[%22odd%22]%7D",
        400,
        "invalid timestamp");
  }

  @Test
  void whatIsNotServedIs501() throws Exception {
    expect("POST", "/containers/create", "{\"Image\":\"busybox\"}", 501, "docker service create");
    expect("POST", "/containers/x/update", "{}", 501, "docker service update");
    expect("POST", "/containers/x/rename?name=y", 501, "name of its task");
    expect("GET", "/images/search?term=web", 501, "not supported");
    expect("POST", "/build", 501, "cannot be built");
    expect("POST", "/build/prune", 200, "SpaceReclaimed");
  }

  @Test
  void theVersionNamesTheProgramsBeneath() throws Exception {
    expect("GET", "/version", 200, "\"Name\":\"Engine\"");
    String containerd = world.runtime().containerdVersion();
    expect("GET", "/version", 200, program("containerd", containerd));
    expect("GET", "/version", 200, program("runc", world.runtime().runcVersion()));
    String init = world.runtime().initVersion().orElseThrow();
    assertThat(init).matches("[0-9.]+.*");
    expect("GET", "/version", 200, program("docker-init", init));
  }

  private static String program(String name, String version) {
    return "{\"Name\":\"%s\",\"Version\":\"%s\"".formatted(name, version);
  }

  @Test
  void stateDecides() throws Exception {
    Task task = world.start("exec sleep 1000");
    String path = "/containers/" + EngineWorld.name(task);
    String id = EngineWorld.id(task);
    expect("POST", path + "/start", 304, "");
    expect("GET", path + "/logs", 400, "you must choose at least one stream");
    expect("POST", path + "/kill?signal=NOISE", 400, "invalid signal: NOISE");
    expect("POST", path + "/wait?condition=never", 400, "invalid condition");
    expect("POST", path + "/resize?h=x&w=1", 400, "invalid resize height");
    expect("DELETE", path, 409, "container is running");
    expect("POST", path + "/unpause", 500, "is not paused");
    expect("POST", path + "/exec", "{}", 400, "No exec command specified");
    expect("POST", path + "/stop?t=0", 204, "");
    expect("POST", path + "/stop", 304, "");
    expect("POST", path + "/kill", 409, "container " + id + " is not running");
    expect("POST", path + "/pause", 409, "container " + id + " is not running");
    expect("POST", path + "/exec", "{\"Cmd\":[\"true\"]}", 409, "is not running");
    expect("GET", path + "/top", 409, "is not running");
    expect("POST", path + "/wait", 200, "\"StatusCode\":137");
    expect("GET", path + "/stats?stream=0", 200, "\"cpu_stats\":{}");
    expect("POST", path + "/start", 409, "a task runs once");
  }

  @Test
  void anExecRunsOnce() throws Exception {
    Task task = world.start("exec sleep 1000");
    String json = "{\"Cmd\":[\"sh\",\"-c\",\"exit 9\"],\"AttachStdout\":true}";
    String body = world.ask("POST", "/containers/" + EngineWorld.id(task) + "/exec", json).body();
    String id = body.substring(body.indexOf(':') + 2, body.indexOf('}') - 1);
    expect("GET", "/exec/" + id + "/json", 200, "\"ExitCode\":null");
    expect("POST", "/exec/" + id + "/start", "{\"Detach\":true}", 200, "");
    EngineWorld.eventually(
        () -> "exit code",
        () -> world.ask("GET", "/exec/" + id + "/json").body().contains("\"ExitCode\":9"));
    expect("POST", "/exec/" + id + "/start", "{}", 409, "has already run");
  }

  @Test
  void whatClientsAskOfEveryDaemonIsAnswered() throws Exception {
    expect("OPTIONS", "/containers/json", 200, "");
    expect("OPTIONS", "/no/such/path", 200, "");
    expect("GET", "/plugins", 200, "[]");
    expect("GET", "/plugins/vieux/sshfs/json", 404, "plugin \\\"vieux/sshfs\\\" not found");
    expect("POST", "/plugins/pull?remote=x", 501, "plugins cannot be had");
    expect("GET", "/containers/json?filters=null", 200, "[");
    expect(
        "POST",
        "/containers/x/exec",
        "{\"Cmd\":[\"true\",]}",
        400,
        "invalid JSON: invalid character ']' looking for beginning of value");
  }

  /** Some clients lose what arrives in one piece with the head. */
  @Test
  void anExecsHeadComesBeforeItsOutput() throws Exception {
    Task task = world.start("exec sleep 1000");
    String json = "{\"Cmd\":[\"echo\",\"hi\"],\"AttachStdout\":true,\"Tty\":true}";
    for (int i = 0; i < 10; i++) {
      String body = world.ask("POST", "/containers/" + EngineWorld.id(task) + "/exec", json).body();
      String id = body.substring(body.indexOf(':') + 2, body.indexOf('}') - 1);
      try (RawClient client = RawClient.connect(world.socket())) {
        client.send(
            """
            POST /v1.51/exec/%s/start HTTP/1.1
            Host: x
            Content-Type: application/json
            Content-Length: 2

            {}"""
                .formatted(id));
        assertThat(client.readOnce()).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
        assertThat(client.readToEnd()).isEqualTo("hi\r\n");
      }
    }
  }
}
