import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { readBenchmark, type BenchmarkEntry } from './benchmarkXml';
import { readJson } from './jsonFile';
import { lineariseTriples, type Triple } from './linearise';
import type { Example, Split, Task } from './task';

/** What the types of the instance file say of a test entry. */
const labels = { type1: 'seen', type2: 'unseen entities', type3: 'unseen categories' } as const;
const instanceTypes = z.record(z.string(), z.enum(['type1', 'type2', 'type3']));

const english = 'release_v3.0/en';
const testStem = `${english}/test/rdf-to-text-generation-test`;
const files: Readonly<Record<Split, readonly string[]>> = {
  train: [`${english}/train`],
  dev: [`${english}/dev`],
  test: [`${testStem}-data-with-refs-en.xml`],
};

/** All XML files below a path that may be one itself, in the order of their names. */
function xmlFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.xml'))
    .sort()
    .map((name) => join(path, name));
}

/** The label of each test entry by its id, or none where the release has no such file. */
function readLabels(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map();
  const parsed = instanceTypes.safeParse(readJson(file));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
    throw new DataError(`${file}: ${path.join('.')}: a label must be type1, type2 or type3; ${message}`);
  }
  return new Map(Object.entries(parsed.data).map(([id, type]) => [id, labels[type]]));
}

/**
 * An entry as an example: all its texts are references, and the first that nobody marked as bad or to be fixed is the
 * target.
 */
function example(
  entry: BenchmarkEntry,
  id: string,
  source: string,
  meta: Example['meta'],
  where: string,
): Example {
  const marked = entry.lexes.filter(({ attributes: { comment = '' } }) => !['', 'good'].includes(comment));
  const target = entry.lexes.find((lex) => !marked.includes(lex)) ?? entry.lexes[0];
  if (target === undefined) throw new DataError(`${where}: entry ${id} has no text (lex)`);
  const texts = entry.lexes.map(({ text }) => text);
  if (texts.includes('')) throw new DataError(`${where}: entry ${id} has an empty text (lex)`);
  return {
    id,
    source,
    target: target.text,
    references: texts,
    meta: {
      ...entry.attributes,
      size: entry.triples.length,
      ...meta,
      ...(marked.length > 0 ? { marked: marked.length } : {}),
    },
  };
}

/**
 * WebNLG's release 3.0 in English: a folder of XML files a split, in test one file and the labels of its entries.
 *
 * source = the modified triples (see `lineariseTriples`); `meta` has the entry's attributes, its `file` below the
 * split's folder (`eid` starts again in each), in test its `label` and `type`, and how many texts are `marked` as bad
 * or to be fixed.
 *
 * Reference: Castro Ferreira et al. 2020, "The 2020 Bilingual, Bi-Directional WebNLG+ Shared Task".
 */
export function webnlgTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence'>,
  linearise: (triples: readonly Triple[]) => string = lineariseTriples,
): Task {
  return {
    ...set,
    folder: 'webnlg',
    files,
    read(folder: string, split: Split): readonly Example[] {
      const path = join(folder, files[split][0] as string);
      const labelOf =
        split === 'test' ? readLabels(join(folder, `${testStem}-instance-types.json`)) : new Map();
      const examples = xmlFiles(path).flatMap((file) =>
        readBenchmark(file).map((entry) => {
          const name = file === path ? '' : file.slice(path.length + 1).replaceAll('\\', '/');
          const label = labelOf.get(entry.attributes['eid'] ?? '') as string | undefined;
          return { file, entry, name, label };
        }),
      );
      if (examples.length === 0)
        throw new DataError(`${path}: the ${split} split is empty: no entry in any XML file`);
      return examples.map(({ file, entry, name, label }, i) =>
        example(
          entry,
          `${set.name}-${split}-${i}`,
          linearise(entry.triples),
          { ...(name === '' ? {} : { file: name }), ...(label === undefined ? {} : { label }) },
          `${file}:${entry.line}`,
        ),
      );
    },
  };
}
