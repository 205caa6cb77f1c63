package dev.hanse.text.template;

import dev.hanse.text.template.Expression.Command;
import dev.hanse.text.template.Expression.Pipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One walk through a template. */
final class Run {
  /** Of templates that call each other. */
  private static final int DEPTH_MAX = 50;

  private final String input;
  private final Map<String, List<Node>> templates;
  private final Functions functions;
  private final Budget budget;
  private final StringBuilder output = new StringBuilder();
  private List<Variable> variables = new ArrayList<>();
  private int depth;

  /** A variable and what it is now. */
  private static final class Variable {
    private final String name;
    private Value value;

    Variable(String name, Value value) {
      this.name = name;
      this.value = value;
    }
  }

  /** Whether what comes next in a list of nodes is done. */
  private enum Then {
    ON,
    CONTINUE,
    BREAK
  }

  Run(String input, Map<String, List<Node>> templates, Functions functions, Budget budget) {
    this.input = input;
    this.templates = templates;
    this.functions = functions;
    this.budget = budget;
  }

  String fill(Value dot) throws TemplateFault {
    call(templates.getOrDefault(Template.MAIN, List.of()), dot);
    return output.toString();
  }

  private void call(List<Node> nodes, Value dot) throws TemplateFault {
    List<Variable> around = variables;
    variables = new ArrayList<>(List.of(new Variable("$", dot)));
    walk(nodes, dot);
    variables = around;
  }

  private Then walk(List<Node> nodes, Value dot) throws TemplateFault {
    for (Node node : nodes) {
      Then then = walk(node, dot);
      if (then != Then.ON) {
        return then;
      }
    }
    return Then.ON;
  }

  private Then walk(Node node, Value dot) throws TemplateFault {
    budget.step();
    switch (node) {
      case Node.Plain(String text) -> print(text);
      case Node.Action(Pipeline pipeline) -> {
        Value value = value(pipeline, dot);
        if (pipeline.variables().isEmpty()) {
          print(value.text());
        }
      }
      case Node.Branch branch -> {
        int known = variables.size();
        Then then =
            branch.kind() == Node.Branch.Kind.RANGE ? range(branch, dot) : choose(branch, dot);
        forget(known);
        return then;
      }
      case Node.Continue _ -> {
        return Then.CONTINUE;
      }
      case Node.Break _ -> {
        return Then.BREAK;
      }
      case Node.Call call -> call(call, dot);
    }
    return Then.ON;
  }

  private void print(String text) throws TemplateFault {
    budget.makes((long) output.length() + text.length());
    output.append(text);
  }

  private void call(Node.Call call, Value dot) throws TemplateFault {
    List<Node> nodes = templates.get(call.name());
    if (nodes == null) {
      throw fault(call.position(), "template " + Quoting.quoted(call.name()) + " not defined");
    }
    depth++;
    if (depth > DEPTH_MAX) {
      throw fault(call.position(), "exceeded maximum template depth (" + DEPTH_MAX + ")");
    }
    Value own = call.pipeline().commands().isEmpty() ? Value.NOTHING : value(call.pipeline(), dot);
    call(nodes, own);
    depth--;
  }

  private Then choose(Node.Branch branch, Value dot) throws TemplateFault {
    Value value = value(branch.pipeline(), dot);
    boolean with = branch.kind() == Node.Branch.Kind.WITH;
    return value.isTrue() ? walk(branch.body(), with ? value : dot) : walk(branch.otherwise(), dot);
  }

  private Then range(Node.Branch branch, Value dot) throws TemplateFault {
    Pipeline pipeline = branch.pipeline();
    Value value = value(new Pipeline(List.of(), false, pipeline.commands()), dot);
    if (!(value instanceof Value.Table(Map<String, String> entries))) {
      if (value instanceof Value.Nothing) {
        return walk(branch.otherwise(), dot);
      }
      throw fault(
          pipeline.commands().getFirst().position(), "range can't iterate over " + value.text());
    }
    if (entries.isEmpty()) {
      return walk(branch.otherwise(), dot);
    }
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      int known = variables.size();
      Value element = new Value.Text(entry.getValue());
      List<String> names = pipeline.variables();
      if (!names.isEmpty()) {
        give(pipeline, names.getLast(), element);
      }
      if (names.size() > 1) {
        give(pipeline, names.getFirst(), new Value.Text(entry.getKey()));
      }
      Then then = walk(branch.body(), element);
      forget(known);
      if (then == Then.BREAK) {
        break;
      }
    }
    return Then.ON;
  }

  private Value value(Pipeline pipeline, Value dot) throws TemplateFault {
    Optional<Value> last = Optional.empty();
    for (Command command : pipeline.commands()) {
      last = Optional.of(value(command, dot, last));
    }
    Value value = last.orElse(Value.NOTHING);
    for (String name : pipeline.variables()) {
      give(pipeline, name, value);
    }
    return value;
  }

  private void give(Pipeline pipeline, String name, Value value) throws TemplateFault {
    if (pipeline.assigns()) {
      variable(name, pipeline.commands().getFirst().position()).value = value;
    } else {
      variables.add(new Variable(name, value));
    }
  }

  private Variable variable(String name, int position) throws TemplateFault {
    for (int i = variables.size() - 1; i >= 0; i--) {
      if (variables.get(i).name.equals(name)) {
        return variables.get(i);
      }
    }
    throw fault(position, "undefined variable: " + name);
  }

  private void forget(int known) {
    variables.subList(known, variables.size()).clear();
  }

  private Value value(Command command, Value dot, Optional<Value> last) throws TemplateFault {
    budget.step();
    Expression first = command.operands().getFirst();
    if (first instanceof Expression.Function(String name)) {
      return function(name, command, dot, last);
    }
    boolean hasArguments = command.operands().size() > 1 || last.isPresent();
    if (hasArguments) {
      throw at(command, first, refusal(first));
    }
    if (first instanceof Expression.Nil) {
      throw at(command, first, "nil is not a command");
    }
    return value(first, command, dot);
  }

  /** Of arguments for what takes none. */
  private static String refusal(Expression first) {
    List<String> fields =
        switch (first) {
          case Expression.Fields(List<String> names) -> names;
          case Expression.Variable(String _, List<String> names) -> names;
          case Expression.Chain(Expression _, List<String> names) -> names;
          case Expression _ -> List.of();
        };
    return fields.isEmpty()
        ? "can't give argument to non-function " + first.shown()
        : fields.getLast() + " has arguments but cannot be invoked as function";
  }

  private Value value(Expression expression, Command command, Value dot) throws TemplateFault {
    budget.step();
    return switch (expression) {
      case Expression.Literal(Value value, String _) -> value;
      case Expression.Dot _ -> dot;
      case Expression.Nil _ -> Value.NOTHING;
      case Expression.Fields(List<String> names) -> fields(dot, names, command, expression);
      case Expression.Variable(String name, List<String> names) ->
          fields(variable(name, command.position()).value, names, command, expression);
      case Expression.Chain(Expression of, List<String> names) ->
          fields(value(of, command, dot), names, command, expression);
      case Expression.Parens(Pipeline pipeline) -> value(pipeline, dot);
      case Expression.Function(String name) ->
          function(
              name, new Command(List.of(expression), command.position()), dot, Optional.empty());
    };
  }

  private Value fields(Value of, List<String> names, Command command, Expression expression)
      throws TemplateFault {
    Value value = of;
    for (String name : names) {
      value = field(value, name, command, expression);
    }
    return value;
  }

  private Value field(Value of, String name, Command command, Expression expression)
      throws TemplateFault {
    return switch (of) {
      case Value.Struct(String type, List<Value.Struct.Field> fields) -> {
        for (Value.Struct.Field field : fields) {
          if (field.name().equals(name)) {
            yield field.value();
          }
        }
        throw at(command, expression, "can't evaluate field " + name + " in type " + type);
      }
      case Value.Table(Map<String, String> entries) -> {
        @Nullable String entry = entries.get(name);
        if (entry == null) {
          throw at(command, expression, "map has no entry for key " + Quoting.quoted(name));
        }
        yield new Value.Text(entry);
      }
      case Value.Nothing _ ->
          throw at(command, expression, "nil data; no entry for key " + Quoting.quoted(name));
      case Value other ->
          throw at(
              command, expression, "can't evaluate field " + name + " in type " + other.type());
    };
  }

  private Value function(String name, Command command, Value dot, Optional<Value> last)
      throws TemplateFault {
    List<Expression> operands = command.operands();
    List<Value> arguments = new ArrayList<>();
    boolean isChoice = name.equals("and") || name.equals("or");
    for (int i = 1; i < operands.size(); i++) {
      Value argument = value(operands.get(i), command, dot);
      if (isChoice && argument.isTrue() == name.equals("or")) {
        return argument;
      }
      arguments.add(argument);
    }
    last.ifPresent(arguments::add);
    boolean isGiven = functions.names().contains(name);
    Optional<String> refusal =
        isGiven ? Optional.empty() : BuiltIns.countFault(name, arguments.size());
    if (refusal.isPresent()) {
      throw at(command, operands.getFirst(), refusal.get());
    }
    try {
      return made(
          isGiven ? functions.call(name, arguments) : new BuiltIns(budget).call(name, arguments));
    } catch (TemplateFault refused) {
      throw refused.getMessage().startsWith("template: ")
          ? refused
          : at(command, operands.getFirst(), "error calling " + name + ": " + refused.getMessage());
    }
  }

  private Value made(Value value) throws TemplateFault {
    if (value instanceof Value.Text(String text)) {
      budget.makes(text.length());
    }
    return value;
  }

  private TemplateFault at(Command command, Expression expression, String problem) {
    int line = line(command.position());
    return new TemplateFault(
        "template: %s:%d:%d: executing %s at <%s>: %s"
            .formatted(
                Template.MAIN,
                line,
                column(command.position()),
                Quoting.quoted(Template.MAIN),
                shortened(expression.shown()),
                problem));
  }

  private static String shortened(String shown) {
    return shown.length() > 20 ? shown.substring(0, 20) + "..." : shown;
  }

  private TemplateFault fault(int position, String problem) {
    return new TemplateFault(
        "template: %s:%d:%d: executing %s: %s"
            .formatted(
                Template.MAIN,
                line(position),
                column(position),
                Quoting.quoted(Template.MAIN),
                problem));
  }

  private int line(int position) {
    return 1 + (int) input.substring(0, position).chars().filter(one -> one == '\n').count();
  }

  private int column(int position) {
    return position - (input.lastIndexOf('\n', Math.max(0, position - 1)) + 1);
  }
}
