package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void columns_are_as_wide_as_their_widest_cell() {
    TextTable table = new TextTable("HOST", "ROLE");
    table.row("a-long-name", "manager");
    table.row("b", "");
    assertThat(table.indentedBy(1)).isEqualTo(" HOST         ROLE\n a-long-name  manager\n b\n");
  }
}
