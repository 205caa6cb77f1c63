package dev.hanse.control.authority;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** PEM (RFC 7468) as text: what can be said without reading what is encoded. */
final class PemText {
  private static final String FOOTER = "-----END CERTIFICATE-----";

  private PemText() {}

  /** Without the blanks and empty lines in which equal texts may differ. */
  static ByteString normal(ByteString pem) {
    return ByteString.copyFromUtf8(
        pem.toStringUtf8()
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(line -> line + "\n")
            .collect(Collectors.joining()));
  }

  /** The first certificates of several texts, one behind the other. */
  static ByteString firstCertificates(int max, ByteString... texts) {
    List<String> certificates = new ArrayList<>();
    for (ByteString text : texts) {
      String rest = normal(text).toStringUtf8();
      int end = rest.indexOf(FOOTER);
      while (end >= 0) {
        certificates.add(rest.substring(0, end + FOOTER.length()) + "\n");
        rest = rest.substring(end + FOOTER.length()).stripLeading();
        end = rest.indexOf(FOOTER);
      }
    }
    return ByteString.copyFromUtf8(certificates.stream().limit(max).collect(Collectors.joining()));
  }

  /** Is a certificate one of those in a text? */
  static boolean contains(ByteString text, ByteString certificate) {
    String searched = normal(certificate).toStringUtf8();
    return !searched.isEmpty() && normal(text).toStringUtf8().contains(searched);
  }
}
