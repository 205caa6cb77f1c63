package dev.hanse.systemtest.faults;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.reflect.AccessFlag;
import java.security.ProtectionDomain;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Puts calls of {@link TurnFaults} into {@code OwnerThread} and into the work of each turn. */
final class TurnClasses implements ClassFileTransformer {
  private static final String PRODUCT = "dev/hanse/";
  private static final String OWNER_THREAD = "dev/hanse/health/OwnerThread";
  private static final String TURN = "dev/hanse/health/Turn";
  private static final String WORK = "perform";
  private static final Set<String> ENDS = Set.of("endAfterTurn", "interruptAndEnd");

  /** Reads classes instead of loading them: they may be the very ones that are being loaded. */
  private static final ClassFile FORM =
      ClassFile.of(
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(ClassLoader.getSystemClassLoader())));

  private static final ClassDesc FAULTS = ClassDesc.of(TurnFaults.class.getName());
  private static final ClassDesc THREAD = ClassDesc.of("java.lang.Thread");
  private static final ClassDesc TURN_TYPE = ClassDesc.ofInternalName(TURN);

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      @Nullable String name,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain,
      byte[] bytes) {
    if (name == null || !name.startsWith(PRODUCT)) {
      return null;
    }
    try {
      ClassModel model = FORM.parse(bytes);
      if (name.equals(OWNER_THREAD)) {
        byte[] named = changed(model, TurnClasses::isNamed, beginning(TurnClasses::noteName));
        byte[] ended =
            changed(FORM.parse(named), TurnClasses::isEnd, beginning(TurnClasses::noteEnd));
        return changed(FORM.parse(ended), method -> true, TurnClasses::throughFaults);
      }
      if (model.interfaces().stream().anyMatch(type -> type.asInternalName().equals(TURN))) {
        return changed(model, TurnClasses::isWork, TurnClasses::faultsBeforeCalls);
      }
      return null;
    } catch (RuntimeException | Error fault) {
      fault.printStackTrace(); // Else nobody would hear of it.
      throw fault;
    }
  }

  private static byte[] changed(
      ClassModel model, Predicate<MethodModel> methods, CodeTransform change) {
    return FORM.transformClass(model, ClassTransform.transformingMethodBodies(methods, change));
  }

  private static boolean isNamed(MethodModel method) {
    return method.methodName().equalsString("named");
  }

  private static boolean isWork(MethodModel method) {
    return method.methodName().equalsString(WORK) && !method.flags().has(AccessFlag.BRIDGE);
  }

  private static boolean isEnd(MethodModel method) {
    return ENDS.contains(method.methodName().stringValue());
  }

  /** Of {@code OwnerThread.named(Health, String)}. */
  private static void noteName(CodeBuilder code) {
    code.aload(1)
        .invokestatic(
            FAULTS, "named", MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String));
  }

  private static void noteEnd(CodeBuilder code) {
    code.aload(0)
        .getfield(ClassDesc.ofInternalName(OWNER_THREAD), "thread", THREAD)
        .invokestatic(FAULTS, "ended", MethodTypeDesc.of(ConstantDescs.CD_void, THREAD));
  }

  private static CodeTransform beginning(Consumer<CodeBuilder> added) {
    return new CodeTransform() {
      @Override
      public void atStart(CodeBuilder code) {
        added.accept(code);
      }

      @Override
      public void accept(CodeBuilder code, CodeElement element) {
        code.with(element);
      }
    };
  }

  private static void throughFaults(CodeBuilder code, CodeElement element) {
    if (element instanceof InvokeInstruction call && call.owner().asInternalName().equals(TURN)) {
      MethodTypeDesc type = call.typeSymbol();
      code.invokestatic(FAULTS, call.name().stringValue(), type.insertParameterTypes(0, TURN_TYPE));
    } else {
      code.with(element);
    }
  }

  private static void faultsBeforeCalls(CodeBuilder code, CodeElement element) {
    if (element instanceof InvokeInstruction call
        && call.owner().asInternalName().startsWith(PRODUCT)) {
      code.invokestatic(FAULTS, "inside", MethodTypeDesc.of(ConstantDescs.CD_void));
    }
    code.with(element);
  }
}
