/** `[subject, property, object]`, as the files have them. */
export type Triple = readonly [subject: string, property: string, object: string];

/** A dialogue act: what is done, and the slots it is about; a slot that is asked for has no value. */
export type DialogueAct = {
  readonly act: string;
  readonly slots: readonly { readonly slot: string; readonly value?: string }[];
};

/** A property's name as words: `birthPlace` and `BIRTH_PLACE` become `birth place`, `ISBN_number` keeps its capitals. */
function propertyWords(name: string): string {
  const words = name.replaceAll('_', ' ');
  if (words === words.toUpperCase()) return words.toLowerCase();
  return words.replace(
    /(\p{Ll}|\d)(\p{Lu})(?=\p{Ll})/gu,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
}

/** The nodes that stand for a table in DART. */
const contextNodes: Readonly<Record<string, string>> = {
  '[TABLECONTEXT]': 'table context',
  '[TITLE]': 'table title',
};

/** A name or literal as text: no underscores, no quotes around it. */
function nodeText(node: string): string {
  return (
    contextNodes[node] ??
    node
      .replace(/^"([^"]*)"(\(.*\))?$/, '$1 $2')
      .replaceAll('_', ' ')
      .trim()
  );
}

/**
 * Triples as plain text for a frozen T5: `Alan Bean | birth place | Texas && Alan Bean | ...`. Separators are ordinary
 * text, since new tokens would have random embeddings that a frozen model never learns.
 */
export function lineariseTriples(triples: readonly Triple[]): string {
  return triples
    .map(([subject, property, object]) =>
      [nodeText(subject), contextNodes[property] ?? propertyWords(property), nodeText(object)].join(' | '),
    )
    .join(' && ');
}

/** Dialogue acts as plain text: `inform : name = hotel x ; area = north && request : price`. */
export function lineariseActs(acts: readonly DialogueAct[]): string {
  return acts
    .map(({ act, slots }) => {
      const told = slots.map(({ slot, value }) => (value === undefined ? slot : `${slot} = ${value}`));
      return told.length === 0 ? act : `${act} : ${told.join(' ; ')}`;
    })
    .join(' && ');
}

/** A dialogue as one line: its turns, one after the other. */
export function lineariseDialogue(dialogue: string): string {
  return dialogue.split(/\r?\n/).join(' ').trim();
}

/** An answer and the paragraph it stands in: `answer : 1492 && context : ...`. */
export function lineariseAnswer({
  answer,
  context,
}: {
  readonly answer: string;
  readonly context: string;
}): string {
  return `answer : ${answer} && context : ${context.replaceAll('\n', ' ').trim()}`;
}
