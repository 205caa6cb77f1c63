package dev.hanse.identity;

import io.grpc.Status;
import java.util.Locale;

/** How Docker's users know the failures of calls between nodes. */
public final class StatusText {
  private StatusText() {}

  /** "rpc error: code = CODE desc = DESCRIPTION", and the cause where TLS or TCP has failed. */
  public static String of(Status status) {
    String description = status.getDescription();
    StringBuilder text = new StringBuilder("rpc error: code = ").append(codeName(status));
    text.append(" desc = ").append(description == null ? "" : description);
    if (status.getCause() != null) {
      text.append(" (").append(status.getCause().getMessage()).append(')');
    }
    return text.toString();
  }

  /** "InvalidArgument" for INVALID_ARGUMENT. */
  private static String codeName(Status status) {
    StringBuilder name = new StringBuilder();
    for (String word : status.getCode().name().split("_")) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }
}
