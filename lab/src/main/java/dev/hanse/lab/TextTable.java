package dev.hanse.lab;

import java.util.ArrayList;
import java.util.List;

/** Text in columns as wide as their widest cell. */
public final class TextTable {
  private static final int GAP = 2;

  private final List<List<String>> rows = new ArrayList<>();

  /** A table with these titles. */
  public TextTable(String... titles) {
    rows.add(List.of(titles));
  }

  /** Adds a row with a cell for each title. */
  public void row(String... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException(cells.length + " cells under " + rows.getFirst());
    }
    rows.add(List.of(cells));
  }

  /** All lines, each with a newline at its end and {@code indent} blanks before. */
  public String indentedBy(int indent) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int column = 0; column < widths.length; column++) {
        String cell = row.get(column);
        widths[column] = Math.max(widths[column], cell.codePointCount(0, cell.length()));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(" ".repeat(indent));
      for (int column = 0; column < widths.length; column++) {
        String cell = row.get(column);
        int missing = widths[column] - cell.codePointCount(0, cell.length());
        line.append(cell).append(" ".repeat(missing + GAP));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
