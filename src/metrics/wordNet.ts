import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors';

const defaultFolder = '/usr/share/wordnet';
const parts = ['noun', 'verb', 'adj', 'adv'] as const;
type Part = (typeof parts)[number];

/** How endings are undone, by part of speech: `churches` is looked up as `church`. */
const endings: Readonly<Record<Part, readonly (readonly [ending: string, by: string])[]>> = {
  noun: [
    ['s', ''],
    ['ses', 's'],
    ['ves', 'f'],
    ['xes', 'x'],
    ['zes', 'z'],
    ['ches', 'ch'],
    ['shes', 'sh'],
    ['men', 'man'],
    ['ies', 'y'],
  ],
  verb: [
    ['s', ''],
    ['ies', 'y'],
    ['es', 'e'],
    ['es', ''],
    ['ed', 'e'],
    ['ed', ''],
    ['ing', 'e'],
    ['ing', ''],
  ],
  adj: [
    ['er', ''],
    ['est', ''],
    ['er', 'e'],
    ['est', 'e'],
  ],
  adv: [],
};

/** WordNet's files of one part of speech: where each lemma's synsets start, irregular forms, the synsets. */
type Files = {
  readonly offsets: ReadonlyMap<string, readonly number[]>;
  readonly exceptions: ReadonlyMap<string, readonly string[]>;
  readonly data: Buffer;
};

function readPart(folder: string, part: Part): Files {
  const lines = (name: string): string[] =>
    readFileSync(join(folder, name), 'latin1')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(' '));
  const offsets = lines(`index.${part}`).map((line) => {
    const fields = line.trimEnd().split(' ');
    return [fields[0] ?? '', fields.slice(-Number(fields[2])).map(Number)] as const;
  });
  const exceptions = lines(`${part}.exc`).map((line) => {
    const [form = '', ...lemmas] = line.trim().split(' ');
    return [form, lemmas] as const;
  });
  return {
    offsets: new Map(offsets),
    exceptions: new Map(exceptions),
    data: readFileSync(join(folder, `data.${part}`)),
  };
}

/** A synset's lemmas: after offset, file and part of speech, their number in base 16, each with its id. */
function lemmasAt(data: Buffer, offset: number): string[] {
  const fields = data.toString('latin1', offset, data.indexOf(0x0a, offset)).split(' ');
  const count = parseInt(fields[3] ?? '0', 16);
  return Array.from({ length: count }, (_, i) => (fields[4 + 2 * i] ?? '').replace(/\([^()]*\)$/, ''));
}

let loaded: { readonly folder: string; readonly files: ReadonlyMap<Part, Files> } | undefined;

function wordNet(): ReadonlyMap<Part, Files> {
  const folder = process.env['SPT_WORDNET'] ?? defaultFolder;
  if (loaded?.folder === folder) return loaded.files;
  try {
    loaded = { folder, files: new Map(parts.map((part) => [part, readPart(folder, part)])) };
  } catch (cause) {
    throw new DataError(
      `${folder}: METEOR needs the files of WordNet 3.0 there; Debian, Ubuntu: apt-get install wordnet-base; or name their ` +
        `folder in SPT_WORDNET (${(cause as Error).message})`,
      { cause },
    );
  }
  return loaded.files;
}

const known = new Map<string, ReadonlySet<string>>();

/**
 * The single words that share a synset with a word in any of its base forms, as NLTK's WordNet reader finds them.
 * Throws DataError where WordNet is not to be found.
 *
 * Reference: Miller 1995, "WordNet: A Lexical Database for English"; NLTK 3.10, `nltk.corpus.reader.wordnet`.
 */
export function synonyms(word: string): ReadonlySet<string> {
  const files = wordNet();
  const before = known.get(word);
  if (before !== undefined) return before;
  const form = word.toLowerCase();
  const found = new Set<string>();
  for (const [part, { offsets, exceptions, data }] of files) {
    const bases =
      exceptions.get(form) ??
      endings[part]
        .filter(([ending]) => form.endsWith(ending))
        .map(([ending, by]) => form.slice(0, form.length - ending.length) + by);
    for (const offset of [form, ...bases].flatMap((base) => offsets.get(base) ?? []))
      for (const lemma of lemmasAt(data, offset)) if (!lemma.includes('_')) found.add(lemma);
  }
  known.set(word, found);
  return found;
}
