package dev.hanse.systemtest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** All classes of the product, without tests; read once for all tests that look at them. */
final class ProductClasses {
  /** Read when it is first asked for, which takes some seconds. */
  static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.hanse");

  private ProductClasses() {}
}
