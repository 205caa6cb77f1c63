package dev.hanse.control.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConstraintTest {
  private static final Node NODE = node();

  @ParameterizedTest
  @CsvSource({
    "node.id==abc,true",
    "node.role == manager,true",
    "node.role!=MANAGER,false",
    "node.hostname==HOST-1,true",
    "node.hostname!=host-2,true",
    "node.ip==10.1.0.7,true",
    "node.ip==10.1.0.0/16,true",
    "node.ip!=10.1.0.0/16,false",
    "node.ip==10.1.0.0/99,false",
    "node.platform.os==linux,true",
    "node.platform.arch==x86_64,true",
    "node.labels.zone==A,true",
    "node.labels.Zone==a,false",
    "node.labels.none!=a,true",
    "engine.labels.storage==ssd,true",
    "engine.labels.storage!=ssd,false",
    "node.unknown==x,false",
    "node.unknown!=x,false"
  })
  void aConstraintComparesWhatItNames(String expression, boolean allowed) {
    Constraint.Parsed parsed = Constraint.parse(List.of(expression));

    assertThat(parsed).isInstanceOf(Constraint.Parsed.Constraints.class);
    if (parsed instanceof Constraint.Parsed.Constraints constraints) {
      assertThat(constraints.constraints().getFirst().allows(NODE)).isEqualTo(allowed);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "node.role=manager,'constraint expected one operator from ==, !='",
    "==manager,key '' is invalid",
    "no de==x,key 'no de' is invalid",
    "node.role==man~ager,value 'man~ager' is invalid"
  })
  void aMalformedConstraintSaysWhatIsWrong(String expression, String reason) {
    assertThat(Constraint.parse(List.of(expression)))
        .isEqualTo(new Constraint.Parsed.Malformed(reason));
  }

  private static Node node() {
    Node.Builder node = Node.newBuilder().setId("abc").setRole(NodeRole.MANAGER);
    node.getSpecBuilder().getAnnotationsBuilder().putLabels("zone", "a");
    node.getStatusBuilder().setAddr("10.1.0.7");
    node.getDescriptionBuilder().setHostname("host-1");
    node.getDescriptionBuilder().getPlatformBuilder().setOs("linux").setArchitecture("x86_64");
    node.getDescriptionBuilder().getEngineBuilder().putLabels("storage", "ssd");
    return node.build();
  }
}
