package dev.hanse.text.template;

import dev.hanse.text.template.Expression.Command;
import dev.hanse.text.template.Expression.Pipeline;
import dev.hanse.text.template.Node.Branch;
import dev.hanse.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes nodes of tokens. */
final class Parser {
  /** Of blocks and parentheses in each other: each takes some of the stack. */
  private static final int DEPTH_MAX = 100;

  private static final Pipeline NONE = new Pipeline(List.of(), false, List.of());

  private final String input;
  private final List<Token> tokens;
  private final Set<String> functions;
  private final Map<String, List<Node>> templates = new HashMap<>();
  private final List<String> variables = new ArrayList<>(List.of("$"));
  private int next;
  private int depth;
  private int ranges;

  private Parser(String input, List<Token> tokens, Set<String> functions) {
    this.input = input;
    this.tokens = tokens;
    this.functions = functions;
  }

  /**
   * The templates of a text by their names; the text itself is {@link Template#MAIN}.
   *
   * @param functions that there are beside the language's own
   */
  static Map<String, List<Node>> parse(String input, Set<String> functions) throws TemplateFault {
    Parser parser = new Parser(input, Lexer.tokens(input), functions);
    Body main = parser.body("input", Set.of());
    parser.templates.put(Template.MAIN, main.nodes());
    return parser.templates;
  }

  /** What stands before one of the words that end it. */
  private record Body(List<Node> nodes, String end) {}

  private Body body(String context, Set<String> ends) throws TemplateFault {
    enter();
    List<Node> nodes = new ArrayList<>();
    while (true) {
      Token token = take();
      if (token.is(Kind.END)) {
        if (ends.isEmpty()) {
          depth--;
          return new Body(nodes, "");
        }
        throw fault(token, "unexpected EOF");
      }
      if (token.is(Kind.TEXT)) {
        nodes.add(new Node.Plain(token.text()));
        continue;
      }
      Token word = peekUnspaced();
      if (word.is(Kind.WORD) && (word.text().equals("end") || word.text().equals("else"))) {
        if (!ends.contains(word.text())) {
          throw fault(word, "unexpected {{" + word.text() + "}}");
        }
        takeUnspaced();
        depth--;
        return new Body(nodes, word.text());
      }
      action(context).ifPresent(nodes::add);
    }
  }

  private Optional<Node> action(String context) throws TemplateFault {
    Token word = peekUnspaced();
    switch (word.is(Kind.WORD) ? word.text() : "") {
      case "if" -> {
        return Optional.of(branch(Branch.Kind.IF));
      }
      case "with" -> {
        return Optional.of(branch(Branch.Kind.WITH));
      }
      case "range" -> {
        return Optional.of(branch(Branch.Kind.RANGE));
      }
      case "break", "continue" -> {
        return Optional.of(leap(takeUnspaced()));
      }
      case "define" -> {
        if (!context.equals("input")) {
          throw fault(word, "unexpected {{define}} in " + context);
        }
        define();
        return Optional.empty();
      }
      case "template" -> {
        return Optional.of(call());
      }
      case "block" -> {
        return Optional.of(block());
      }
      default -> {
        Pipeline pipeline = pipeline("command", Kind.CLOSE, false);
        return Optional.of(new Node.Action(pipeline));
      }
    }
  }

  private Node leap(Token word) throws TemplateFault {
    Token close = takeUnspaced();
    if (!close.is(Kind.CLOSE)) {
      throw unexpected(close, "{{" + word.text() + "}}");
    }
    if (ranges == 0) {
      throw fault(word, "{{" + word.text() + "}} outside {{range}}");
    }
    return word.text().equals("break") ? new Node.Break() : new Node.Continue();
  }

  private Node branch(Branch.Kind kind) throws TemplateFault {
    String context = takeUnspaced().text();
    int known = variables.size();
    Pipeline pipeline = pipeline(context, Kind.CLOSE, kind == Branch.Kind.RANGE);
    if (kind == Branch.Kind.RANGE) {
      ranges++;
    }
    Body body = body(context, Set.of("end", "else"));
    if (kind == Branch.Kind.RANGE) {
      ranges--;
    }
    List<Node> otherwise = List.of();
    if (body.end().equals("else")) {
      otherwise = otherwise(kind, context);
    } else {
      close("end");
    }
    forget(known);
    return new Branch(kind, pipeline, body.nodes(), otherwise);
  }

  /** Behind {@code else}: another condition, or its own end. */
  private List<Node> otherwise(Branch.Kind kind, String context) throws TemplateFault {
    Token word = peekUnspaced();
    boolean another =
        kind != Branch.Kind.RANGE && word.isWord(kind == Branch.Kind.IF ? "if" : "with");
    if (another) {
      enter();
      Node nested = branch(kind);
      depth--;
      return List.of(nested);
    }
    close("else");
    Body body = body(context, Set.of("end"));
    close("end");
    return body.nodes();
  }

  private void close(String context) throws TemplateFault {
    Token token = takeUnspaced();
    if (!token.is(Kind.CLOSE)) {
      throw unexpected(token, context);
    }
  }

  private void define() throws TemplateFault {
    takeUnspaced();
    String name = name("define clause");
    close("define clause");
    templates.put(name, separate("define clause"));
  }

  private Node block() throws TemplateFault {
    Token word = takeUnspaced();
    String name = name("block clause");
    Pipeline pipeline = pipeline("block clause", Kind.CLOSE, false);
    templates.put(name, separate("block clause"));
    return new Node.Call(name, pipeline, word.position());
  }

  /** A template of its own: it knows none of the variables around it. */
  private List<Node> separate(String context) throws TemplateFault {
    List<String> around = new ArrayList<>(variables);
    int rangesAround = ranges;
    forget(1);
    ranges = 0;
    Body body = body(context, Set.of("end"));
    close("end");
    variables.clear();
    variables.addAll(around);
    ranges = rangesAround;
    return body.nodes();
  }

  private Node call() throws TemplateFault {
    Token word = takeUnspaced();
    String name = name("template clause");
    Pipeline pipeline = NONE;
    if (peekUnspaced().is(Kind.CLOSE)) {
      takeUnspaced();
    } else {
      pipeline = pipeline("template clause", Kind.CLOSE, false);
    }
    return new Node.Call(name, pipeline, word.position());
  }

  private String name(String context) throws TemplateFault {
    Token token = takeUnspaced();
    if (token.is(Kind.STRING) || token.is(Kind.RAW_STRING)) {
      return string(token);
    }
    throw unexpected(token, context);
  }

  private Pipeline pipeline(String context, Kind end, boolean ofRange) throws TemplateFault {
    List<String> declared = new ArrayList<>();
    boolean assigns = false;
    int begin = next;
    Token first = takeUnspaced();
    if (first.is(Kind.VARIABLE)) {
      Token then = peekUnspaced();
      Token second = null;
      if (ofRange && then.is(Kind.COMMA)) {
        takeUnspaced();
        second = takeUnspaced();
        if (!second.is(Kind.VARIABLE)) {
          throw unexpected(second, "range");
        }
        then = peekUnspaced();
      }
      if (then.is(Kind.DECLARE) || then.is(Kind.ASSIGN)) {
        takeUnspaced();
        assigns = then.is(Kind.ASSIGN);
        declared.add(first.text());
        if (second != null) {
          declared.add(second.text());
        }
      } else if (second != null) {
        throw unexpected(then, "range");
      }
    }
    if (declared.isEmpty()) {
      next = begin;
    }
    if (assigns) {
      for (String name : declared) {
        requireKnown(name, first);
      }
    }
    List<Command> commands = commands(context, end);
    if (!assigns) {
      variables.addAll(declared);
    }
    return new Pipeline(declared, assigns, commands);
  }

  private List<Command> commands(String context, Kind end) throws TemplateFault {
    List<Command> commands = new ArrayList<>();
    while (true) {
      Token token = peekUnspaced();
      if (token.is(end)) {
        takeUnspaced();
        check(commands, context, token);
        return commands;
      }
      commands.add(command(token, context));
    }
  }

  private void check(List<Command> commands, String context, Token at) throws TemplateFault {
    if (commands.isEmpty()) {
      throw fault(at, "missing value for " + context);
    }
    for (int stage = 1; stage < commands.size(); stage++) {
      Expression first = commands.get(stage).operands().getFirst();
      if (first instanceof Expression.Literal
          || first instanceof Expression.Dot
          || first instanceof Expression.Nil) {
        throw fault(at, "non executable command in pipeline stage " + (stage + 1));
      }
    }
  }

  private Command command(Token at, String context) throws TemplateFault {
    List<Expression> operands = new ArrayList<>();
    while (true) {
      Token token = takeUnspaced();
      Optional<Expression> operand = operand(token);
      if (operand.isPresent()) {
        operands.add(operand.get());
        token = peek();
        if (token.is(Kind.SPACE)) {
          continue;
        }
        token = takeUnspaced();
      }
      switch (token.kind()) {
        case CLOSE, RIGHT_PAREN -> next--;
        case PIPE -> {
          Token behind = peekUnspaced();
          if (behind.is(Kind.CLOSE) || behind.is(Kind.RIGHT_PAREN)) {
            throw fault(behind, "missing value for " + context);
          }
        }
        default -> throw unexpected(token, "operand");
      }
      if (operands.isEmpty()) {
        throw fault(token, "empty command");
      }
      return new Command(operands, at.position());
    }
  }

  /** Empty if the token begins none. */
  private Optional<Expression> operand(Token token) throws TemplateFault {
    Optional<Expression> term = term(token);
    if (term.isEmpty() || !peek().is(Kind.FIELD)) {
      return term;
    }
    List<String> names = new ArrayList<>();
    while (peek().is(Kind.FIELD)) {
      names.add(take().text().substring(1));
    }
    return Optional.of(
        switch (term.get()) {
          case Expression.Fields(List<String> fields) ->
              new Expression.Fields(joined(fields, names));
          case Expression.Variable(String name, List<String> fields) ->
              new Expression.Variable(name, joined(fields, names));
          case Expression.Literal literal ->
              throw fault(token, "unexpected . after term " + Quoting.quoted(literal.shown()));
          case Expression.Nil nil ->
              throw fault(token, "unexpected . after term " + Quoting.quoted(nil.shown()));
          case Expression.Dot dot -> throw fault(token, "unexpected . after term " + dot.shown());
          case Expression other -> new Expression.Chain(other, names);
        });
  }

  private static List<String> joined(List<String> one, List<String> other) {
    List<String> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  private Optional<Expression> term(Token token) throws TemplateFault {
    return switch (token.kind()) {
      case WORD -> Optional.of(word(token));
      case DOT -> Optional.of(new Expression.Dot());
      case FIELD -> Optional.of(new Expression.Fields(List.of(token.text().substring(1))));
      case VARIABLE -> {
        requireKnown(token.text(), token);
        yield Optional.of(new Expression.Variable(token.text(), List.of()));
      }
      case STRING, RAW_STRING ->
          Optional.of(new Expression.Literal(new Value.Text(string(token)), token.text()));
      case CHARACTER -> Optional.of(new Expression.Literal(character(token), token.text()));
      case NUMBER ->
          Optional.of(
              new Expression.Literal(Numbers.read(token.text()).orElseThrow(), token.text()));
      case LEFT_PAREN -> {
        enter();
        Pipeline pipeline = pipeline("parenthesized pipeline", Kind.RIGHT_PAREN, false);
        depth--;
        yield Optional.of(new Expression.Parens(pipeline));
      }
      case TEXT, OPEN, CLOSE, SPACE, PIPE, COMMA, DECLARE, ASSIGN, RIGHT_PAREN, END ->
          Optional.empty();
    };
  }

  private Expression word(Token token) throws TemplateFault {
    return switch (token.text()) {
      case "true", "false" ->
          new Expression.Literal(new Value.Flag(token.text().equals("true")), token.text());
      case "nil" -> new Expression.Nil();
      case "if", "else", "end", "range", "with", "define", "block", "template" ->
          throw fault(token, "unexpected <" + token.text() + "> in operand");
      default -> {
        if (!functions.contains(token.text()) && !BuiltIns.NAMES.contains(token.text())) {
          throw fault(token, "function " + Quoting.quoted(token.text()) + " not defined");
        }
        yield new Expression.Function(token.text());
      }
    };
  }

  private String string(Token token) throws TemplateFault {
    if (token.is(Kind.RAW_STRING)) {
      return token.text().substring(1, token.text().length() - 1).replace("\r", "");
    }
    return Quoting.unquoted(token.text()).orElseThrow(() -> fault(token, "invalid syntax"));
  }

  private Value character(Token token) throws TemplateFault {
    String text =
        Quoting.unquoted(token.text())
            .filter(one -> one.codePointCount(0, one.length()) == 1)
            .orElseThrow(() -> fault(token, "malformed character constant: " + token.text()));
    return new Value.Whole(text.codePointAt(0), "int32");
  }

  private void requireKnown(String variable, Token at) throws TemplateFault {
    if (!variables.contains(variable)) {
      throw fault(at, "undefined variable " + Quoting.quoted(variable));
    }
  }

  private void forget(int known) {
    variables.subList(known, variables.size()).clear();
  }

  private void enter() throws TemplateFault {
    depth++;
    if (depth > DEPTH_MAX) {
      throw fault(peek(), "more than " + DEPTH_MAX + " blocks and parentheses in each other");
    }
  }

  private Token peek() {
    return tokens.get(next);
  }

  /** The last one is never passed. */
  private Token take() {
    Token token = tokens.get(next);
    if (!token.is(Kind.END)) {
      next++;
    }
    return token;
  }

  private Token peekUnspaced() {
    Token token = tokens.get(next);
    return token.is(Kind.SPACE) ? tokens.get(next + 1) : token;
  }

  private Token takeUnspaced() {
    if (peek().is(Kind.SPACE)) {
      next++;
    }
    return take();
  }

  private TemplateFault unexpected(Token token, String context) {
    return fault(token, "unexpected " + token.shown() + " in " + context);
  }

  private TemplateFault fault(Token token, String problem) {
    return Lexer.fault(input, token.position(), problem);
  }
}
