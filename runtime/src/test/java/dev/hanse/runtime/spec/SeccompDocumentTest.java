package dev.hanse.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hanse.runtime.RuntimeFault;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Profiles of users: what they become, and that none is taken in part. */
class SeccompDocumentTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static HostFacts facts(String architecture, String kernel) {
    return new HostFacts(
        2,
        true,
        -1L,
        architecture,
        "host",
        Optional.empty(),
        List.of(),
        List.of(),
        kernel,
        true,
        false);
  }

  private static SeccompDocument parse(String json) {
    return SeccompDocument.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode translated(String json, String... capabilities) {
    return parse(json).specification(List.of(capabilities), facts("amd64", "6.1.0-30-amd64"));
  }

  private static String rule(String more) {
    return "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],"
        + "\"action\":\"SCMP_ACT_ALLOW\""
        + more
        + "}]}";
  }

  @Test
  void a_profile_becomes_the_specifications_form() throws Exception {
    JsonNode profile =
        translated(
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
             "archMap": [
               {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
               {"architecture": "SCMP_ARCH_X86_64",
                "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
             "flags": ["SECCOMP_FILTER_FLAG_LOG"],
             "syscalls": [
               {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": null,
                "comment": "", "includes": {}, "excludes": {}},
               {"name": "kill", "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
                "args": [{"index": 1, "value": 18446744073709551615, "valueTwo": 3,
                          "op": "SCMP_CMP_MASKED_EQ"}]}]}
            """);
    assertThat(JSON.readTree(profile.toString()))
        .isEqualTo(
            JSON.readTree(
                """
                {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
                 "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
                 "flags": ["SECCOMP_FILTER_FLAG_LOG"],
                 "syscalls": [
                   {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
                   {"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
                    "args": [{"index": 1, "value": 18446744073709551615, "valueTwo": 3,
                              "op": "SCMP_CMP_MASKED_EQ"}]}]}
                """));
  }

  /** Each condition with whether the rule is there, on amd64 with 6.1 and CAP_SYS_ADMIN. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          'includes':{'caps':['CAP_SYS_ADMIN']}                  | true
          'includes':{'caps':['CAP_SYS_ADMIN','CAP_BPF']}        | false
          'includes':{'arches':['arm64','amd64']}                | true
          'includes':{'arches':['arm64']}                        | false
          'includes':{'minKernel':'4.8'}                         | true
          'includes':{'minKernel':'6.1'}                         | true
          'includes':{'minKernel':'6.2'}                         | false
          'includes':{'minKernel':'10.0'}                        | false
          'excludes':{'caps':['CAP_BPF','CAP_SYS_ADMIN']}        | false
          'excludes':{'caps':['CAP_BPF']}                        | true
          'excludes':{'arches':['amd64']}                        | false
          'excludes':{'caps':['CAP_BPF'],'arches':['amd64']}     | false
          'excludes':{'minKernel':'6.2'}                         | true
          'excludes':{'minKernel':'5.19'}                        | false
          """)
  void a_condition_keeps_a_rule_or_drops_it(String condition, boolean kept) {
    JsonNode profile = translated(rule("," + condition.replace('\'', '"')), "CAP_SYS_ADMIN");
    assertThat(profile.path("syscalls")).hasSize(kept ? 1 : 0);
  }

  /** Each would leave a filter wider than its author thought, or make runc do something else. */
  @Tag("attack")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          []                                                | profile must be an object
          {}                                                | defaultAction of profile is missing
          {'syscalls':[]}                                   | defaultAction of profile is missing
          {'defaultAction':'SCMP_ACT_ALOW'}                 | unknown or unsupported action
          {'defaultAction':'SCMP_ACT_NOTIFY'}               | unknown or unsupported action
          {'defaultAction':'SCMP_ACT_KILL','listenerPath':'/run/x'} | unknown field "listenerPath"
          {'defaultAction':'SCMP_ACT_KILL','defaultAction':'SCMP_ACT_ALLOW'} | Duplicate field
          {'defaultAction':'SCMP_ACT_KILL'} {}              | Trailing token
          {'defaultAction':'SCMP_ACT_KILL','flags':['X']}   | unknown flag "X"
          {'defaultAction':'SCMP_ACT_KILL','architectures':['SCMP_ARCH_X']} | unknown architecture
          {'defaultAction':'SCMP_ACT_KILL','defaultErrnoRet':1} | has no meaning with
          {'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096} | must be at most 4095
          {'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':-1} | must be a number
          {'defaultAction':'SCMP_ACT_ERRNO','syscalls':{}}  | syscalls of profile must be a list
          """)
  void a_malformed_profile_is_refused(String json, String message) {
    assertThatThrownBy(() -> parse(json.replace('\'', '"')))
        .isInstanceOfSatisfying(
            RuntimeFault.class,
            fault -> assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.INVALID))
        .hasMessageStartingWith("Decoding seccomp profile failed: ")
        .hasMessageContaining(message);
  }

  @Tag("attack")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          ,'name':'write'                          | use either 'name' or 'names'
          ,'include':{'caps':['CAP_BPF']}          | unknown field "include" in syscalls[0]
          ,'includes':{'cap':['CAP_BPF']}          | unknown field "cap"
          ,'includes':{'minKernel':'4'}            | invalid kernel version: "4"
          ,'includes':{'minKernel':'0.0'}          | invalid kernel version: "0.0"
          ,'includes':{'minKernel':'4.256'}        | invalid kernel version: "4.256"
          ,'includes':{'minKernel':4.8}            | must be a text
          ,'args':[{'index':6,'op':'SCMP_CMP_EQ'}] | must be at most 5
          ,'args':[{'index':0,'op':'=='}]          | unknown op "=="
          ,'args':[{'value':18446744073709551616,'op':'SCMP_CMP_EQ'}] | must be a number
          ,'args':[{'value':1.5,'op':'SCMP_CMP_EQ'}] | must be a number
          ,'errnoRet':1                            | has no meaning with SCMP_ACT_ALLOW
          """)
  void a_malformed_rule_is_refused(String more, String message) {
    assertThatThrownBy(() -> parse(rule(more.replace('\'', '"'))))
        .isInstanceOf(RuntimeFault.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void a_rule_names_system_calls() {
    assertThatThrownBy(() -> parse(rule("").replace("[\"read\"]", "[]")))
        .hasMessageContaining("syscalls[0] names no system call");
    assertThatThrownBy(() -> parse(rule("").replace("read", "re ad")))
        .hasMessageContaining("\"re ad\" is no name of a system call");
  }

  @Tag("attack")
  @Test
  void a_profile_is_bounded_before_it_is_read() {
    String profile = rule("");
    byte[] largest =
        (profile + " ".repeat(SeccompDocument.BYTES_MAX - profile.length()))
            .getBytes(StandardCharsets.UTF_8);
    assertThat(largest).hasSize(SeccompDocument.BYTES_MAX);
    assertThat(SeccompDocument.parse(largest)).isNotNull();
    assertThatThrownBy(() -> SeccompDocument.parse(new byte[SeccompDocument.BYTES_MAX + 1]))
        .hasMessageContaining("at most 131072 are allowed");
    assertThatThrownBy(() -> SeccompDocument.parse(new byte[0])).hasMessageContaining("empty");
    assertThatThrownBy(() -> parse("[".repeat(10_000))).hasMessageContaining("nesting depth");
    assertThatThrownBy(() -> parse("{\"defaultErrnoRet\":" + "9".repeat(1000) + "}"))
        .isInstanceOf(RuntimeFault.class);
  }

  /** Whatever comes, it is refused with a message or read; nothing else is thrown. */
  @Tag("attack")
  @Test
  void garbage_never_throws_anything_else() {
    Random random = new Random(8);
    byte[] good =
        rule(",\"includes\":{\"minKernel\":\"4.8\"},\"args\":[{\"index\":0,\"op\":\"SCMP_CMP_EQ\"}]")
            .getBytes(StandardCharsets.UTF_8);
    int refused = 0;
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = good.clone();
      for (int change = 0; change <= random.nextInt(4); change++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(SeccompDocument.parse(bytes)).isNotNull();
      } catch (RuntimeFault fault) {
        assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.INVALID);
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  /** Docker's own profile in its own form, the default of this program, is a profile too. */
  @Test
  void the_own_default_is_read_as_well() {
    JsonNode own = SeccompProfile.of(List.of("CAP_SYS_CHROOT"), "amd64");
    JsonNode again = translated(own.toString(), "CAP_SYS_CHROOT");
    assertThat(again.toString()).isEqualTo(own.toString());
  }
}
