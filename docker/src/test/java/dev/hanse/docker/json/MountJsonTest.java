package dev.hanse.docker.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.Fields;
import dev.hanse.model.Mount;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class MountJsonTest {
  @Test
  void every_option_of_a_bind_goes_in_and_comes_out() throws IOException {
    for (String option :
        new String[] {
          "NonRecursive", "CreateMountpoint", "ReadOnlyNonRecursive", "ReadOnlyForceRecursive"
        }) {
      ObjectNode json =
          (ObjectNode)
              new ObjectMapper()
                  .readTree(
                      """
                      {"Type":"bind","Source":"/s","Target":"/t","ReadOnly":true,
                       "BindOptions":{"Propagation":"rslave","%s":true}}"""
                          .formatted(option));
      Mount mount = MountJson.TABLE.read(Fields.of(json));
      assertThat(mount.getBindOptions().getAllFields()).as(option).hasSize(2);
      assertThat(MountJson.TABLE.show(mount)).isEqualTo(json);
    }
  }
}
