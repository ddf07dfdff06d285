import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { DataError } from '../errors';
import type { Triple } from './linearise';
import { textChunks } from './textFile';

/** A reference text of an entry with the attributes it has, e.g. `comment`, `lid`, `lang`. */
export type Lex = { readonly text: string; readonly attributes: Readonly<Record<string, string>> };

/** An `entry` of a benchmark file with everything that it says. */
export type BenchmarkEntry = {
  /** The line that the entry starts on. */
  readonly line: number;
  /** `category`, `eid`, `size` and what else there is, e.g. `shape` and `shape_type`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The triple sets before modification; some entries have several, DART's have none. */
  readonly originals: readonly (readonly Triple[])[];
  readonly triples: readonly Triple[];
  readonly lexes: readonly Lex[];
};

/** An entry while it is read. */
type Draft = {
  line: number;
  attributes: Readonly<Record<string, string>>;
  originals: Triple[][];
  modified?: Triple[];
  lexes: Lex[];
};

/** Elements whose text is kept; the enriched releases put a text's parts, and the text itself, inside `lex`. */
const textElements: ReadonlySet<string> = new Set(['otriple', 'mtriple', 'lex', 'text']);

/**
 * The entries of a file in the XML of WebNLG (2017, 2.x, 3.0, also enriched) or DART. The file is read in pieces.
 * A DOCTYPE is refused, and with it every entity but XML's own five. Throws DataError `file:line: ...`.
 *
 * Reference: Gardent et al. 2017, "The WebNLG Challenge: Generating Text from RDF Data".
 */
export function readBenchmark(file: string): BenchmarkEntry[] {
  const entries: BenchmarkEntry[] = [];
  const parser = new SaxesParser();
  const refuse = (why: string, line = parser.line): DataError => new DataError(`${file}:${line}: ${why}`);
  const path: string[] = [];
  let entry: Draft | undefined;
  let lexAttributes: Readonly<Record<string, string>> = {};
  let lexText: string | undefined;
  let text = '';

  const triple = (): Triple => {
    const parts = text.trim().split(' | ');
    if (parts.length !== 3)
      throw refuse(`a triple must be \`subject | property | object\`; found ${text.trim()}`);
    return parts as unknown as Triple;
  };
  const open = (tag: SaxesTagPlain): void => {
    const parent = path.at(-1);
    if (path.length === 0 && tag.name !== 'benchmark')
      throw refuse(`the root must be <benchmark>; found <${tag.name}>`);
    path.push(tag.name);
    if (tag.name === 'entry') {
      for (const name of ['category', 'eid', 'size'])
        if (tag.attributes[name] === undefined) throw refuse(`an entry must have the attribute ${name}`);
      entry = { line: parser.line, attributes: { ...tag.attributes }, originals: [], lexes: [] };
    } else if (entry !== undefined && parent === 'entry') {
      if (tag.name === 'originaltripleset') entry.originals.push([]);
      if (tag.name === 'modifiedtripleset') {
        if (entry.modified !== undefined) throw refuse('an entry must have one modifiedtripleset; found two');
        entry.modified = [];
      }
      if (tag.name === 'lex') {
        lexAttributes = { ...tag.attributes };
        lexText = undefined;
      }
    }
    if (textElements.has(tag.name)) text = '';
  };
  const close = (tag: SaxesTagPlain): void => {
    path.pop();
    const parent = path.at(-1);
    if (entry === undefined) return;
    if (tag.name === 'otriple' && parent === 'originaltripleset') entry.originals.at(-1)?.push(triple());
    if (tag.name === 'mtriple' && parent === 'modifiedtripleset') entry.modified?.push(triple());
    if (tag.name === 'text' && parent === 'lex') lexText = text;
    if (tag.name === 'lex' && parent === 'entry')
      entry.lexes.push({ text: (lexText ?? text).trim(), attributes: lexAttributes });
    if (tag.name === 'entry') {
      const { line, attributes, originals, modified = [], lexes } = entry;
      if (modified.length !== Number(attributes['size']))
        throw refuse(
          `entry ${attributes['eid']}: size is ${attributes['size']}; found ${modified.length} modified triples`,
          line,
        );
      entries.push({ line, attributes, originals, triples: modified, lexes });
      entry = undefined;
    }
  };

  parser.on('doctype', () => {
    throw refuse('a DOCTYPE is not allowed here: its entities could read files or grow without end');
  });
  parser.on('error', (error) => {
    throw refuse(`not XML: ${error.message.replace(/^\d+:\d+: /, '')}`);
  });
  parser.on('opentag', open);
  parser.on('closetag', close);
  parser.on('text', (more) => {
    text += more;
  });
  parser.on('cdata', (more) => {
    text += more;
  });
  for (const chunk of textChunks(file)) parser.write(chunk);
  parser.close();
  return entries;
}
