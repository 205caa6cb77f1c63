package dev.hanse.web;

import java.util.Map;

/** An API whose paths may begin with {@code /old}, seen by routes as the variable "age". */
final class TestDialect implements Dialect {
  @Override
  public Address address(String path) {
    if (path.equals("/refused")) {
      throw HttpFailure.invalid("refused by its path");
    }
    return path.startsWith("/old/")
        ? new Address(path.substring("/old".length()), Map.of("age", "old"))
        : new Address(path, Map.of("age", "new"));
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("Server", "Hanse/test (linux)", "Api", "test");
  }

  @Override
  public HttpFailure failure(Throwable fault) {
    return fault instanceof HttpFailure failure
        ? failure
        : HttpFailure.internal(String.valueOf(fault));
  }
}
