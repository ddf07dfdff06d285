import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { readBenchmark } from './benchmarkXml';
import { readJson } from './jsonFile';
import { lineariseTriples, type Triple } from './linearise';
import type { Example, Split, Task } from './task';

/** An entry of DART with everything that the files say. */
export type DartEntry = {
  readonly triples: readonly Triple[];
  readonly annotations: readonly { readonly source: string; readonly text: string }[];
  readonly subtreeWasExtended?: boolean;
};

const jsonEntry = z.object({
  tripleset: z.array(z.tuple([z.string(), z.string(), z.string()])).min(1),
  subtree_was_extended: z.boolean().optional(),
  annotations: z.array(z.object({ source: z.string(), text: z.string() })).min(1),
});

/** The entries of a file, JSON or XML by its name. Throws DataError naming the line or the entry. */
export function readDart(file: string): DartEntry[] {
  if (/\.xml(?:\.gz)?$/.test(file))
    return readBenchmark(file).map(({ triples, lexes }) => ({
      triples,
      annotations: lexes.map(({ text, attributes }) => ({ source: attributes['comment'] ?? '', text })),
    }));
  const entries = readJson(file);
  if (!Array.isArray(entries)) throw new DataError(`${file}:1: the file must be a list of entries`);
  return entries.map((entry: unknown, i) => {
    const parsed = jsonEntry.safeParse(entry);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
      throw new DataError(`${file}: entry ${i + 1}: ${path.join('.')}: ${message}`);
    }
    const { tripleset, annotations, subtree_was_extended: extended } = parsed.data;
    return {
      triples: tripleset,
      annotations,
      ...(extended === undefined ? {} : { subtreeWasExtended: extended }),
    };
  });
}

/** The published names, and that of the project's own set, which must not be taken for DART. */
const fileNames = (split: Split): string[] => [
  ...['json', 'xml', 'json.gz', 'xml.gz'].map((ending) => `dart-v1.1.1-full-${split}.${ending}`),
  `mini-dart-${split}.json`,
];
const files = { train: fileNames('train'), dev: fileNames('dev'), test: fileNames('test') };

/** Which of a text's sources belong to a partition. */
export type DartPartition = 'all' | 'own';
const borrowed: ReadonlySet<string> = new Set(['e2e', 'webnlg']);

/**
 * DART's release 1.1.1, JSON or XML.
 *
 * source = the triples (see `lineariseTriples`), nodes for the table's context included; references = the texts of all
 * annotations but empty ones; `meta` = their `sources`, the number of triples, and `extended` where the file says it.
 * The partition `own` has only what was not taken from E2E and WebNLG.
 *
 * Reference: Nan et al. 2021, "DART: Open-Domain Structured Data Record to Text Generation".
 */
export function dartTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence'>,
  partition: DartPartition = 'all',
  linearise: (triples: readonly Triple[]) => string = lineariseTriples,
): Task {
  return {
    ...set,
    folder: 'dart',
    files,
    read(folder: string, split: Split): readonly Example[] {
      const name = files[split].find((file) => existsSync(join(folder, file))) ?? (files[split][0] as string);
      const path = join(folder, name);
      const examples = readDart(path).flatMap(({ triples, annotations, subtreeWasExtended }, i) => {
        const kept = annotations.filter(
          ({ source, text }) => text.trim() !== '' && (partition === 'all' || !borrowed.has(source)),
        );
        const [first] = kept;
        if (first === undefined) return [];
        return {
          id: `${set.name}-${split}-${i}`,
          source: linearise(triples),
          target: first.text,
          references: kept.map(({ text }) => text),
          meta: {
            size: triples.length,
            sources: [...new Set(kept.map(({ source }) => source))].join(),
            ...(subtreeWasExtended === undefined ? {} : { extended: subtreeWasExtended }),
          },
        };
      });
      if (examples.length === 0) throw new DataError(`${path}: the ${split} split is empty`);
      return examples;
    },
  };
}
