/**
 * Nouns: texts that users write in the language of Go's {@code text/template}, as Docker takes them
 * for what differs from task to task. Source: pkg.go.dev/text/template and pkg.go.dev/fmt. What a
 * template may cost is bounded: each step and each character that it makes is counted.
 *
 * <p>Start at {@link dev.hanse.text.template.Template}: {@code Lexer} cuts its text into tokens,
 * {@code Parser} makes {@code Node}s of them, {@code Run} walks these. A template is given {@link
 * dev.hanse.text.template.Value}s and {@link dev.hanse.text.template.Functions}; those of the
 * language itself are in {@code BuiltIns}, {@code Comparison} and {@code Format}.
 */
@NullMarked
package dev.hanse.text.template;

import org.jspecify.annotations.NullMarked;
