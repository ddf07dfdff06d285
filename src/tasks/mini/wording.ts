/**
 * What templates say around their holes (`*`, `{key}`), in pieces of at least three words: two are plain English.
 * Pretraining must show none of them.
 */
export function wording(templates: readonly string[]): string[] {
  return templates
    .flatMap((template) => template.split(/\*|\{\w+\}|[,.;:?!#]/))
    .map((piece) => piece.trim())
    .filter((piece) => piece.split(' ').length >= 3);
}
