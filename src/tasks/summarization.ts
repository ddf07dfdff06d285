import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { parseJson } from './jsonFile';
import { lineariseDialogue } from './linearise';
import type { Example, Split, Task } from './task';
import { textLines } from './textFile';

const text = z.string().refine((value) => value.trim() !== '', 'must not be empty');
const line = z.object({ fname: text, dialogue: text }).catchall(text);

/** The published names, and that of the project's own set, which must not be taken for DialogSum. */
const fileNames = (split: Split): string[] => [
  `dialogsum.${split}.jsonl`,
  `dialogsum.${split}.jsonl.gz`,
  `mini-summarization-${split}.jsonl`,
];
const files = { train: fileNames('train'), dev: fileNames('dev'), test: fileNames('test') };

/** The values of `key`, or of `key1`, `key2`, ... where a dialogue has several. */
function numbered(record: Readonly<Record<string, string>>, key: string): string[] {
  const names = Object.keys(record).filter(
    (name) => name.startsWith(key) && /^\d*$/.test(name.slice(key.length)),
  );
  return names
    .sort((a, b) => Number(a.slice(key.length)) - Number(b.slice(key.length)))
    .map((name) => record[name] as string);
}

/**
 * DialogSum: one JSON object a line. source = the dialogue's turns in one line, references = its summaries (`summary`,
 * or `summary1` to `summary3`), `meta` = `fname` and the topics.
 *
 * Reference: Chen et al. 2021, "DialogSum: A Real-Life Scenario Dialogue Summarization Dataset".
 */
export function summarizationTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence' | 'folder'>,
  linearise: (dialogue: string) => string = lineariseDialogue,
): Task {
  return {
    ...set,
    files,
    read(folder: string, split: Split): readonly Example[] {
      const name = files[split].find((file) => existsSync(join(folder, file))) ?? (files[split][0] as string);
      const path = join(folder, name);
      const examples: Example[] = [];
      let number = 0;
      for (const row of textLines(path)) {
        number++;
        if (row.trim() === '') continue;
        const parsed = line.safeParse(parseJson(row, path, number));
        if (!parsed.success) {
          const { path: at, message } = parsed.error.issues[0] as z.core.$ZodIssue;
          throw new DataError(`${path}:${number}: ${at.join('.')}: ${message}`);
        }
        const { fname, dialogue } = parsed.data;
        const references = numbered(parsed.data, 'summary');
        const [target] = references;
        if (target === undefined) throw new DataError(`${path}:${number}: summary or summary1 is missing`);
        const topics = numbered(parsed.data, 'topic').map((topic, i): [string, string] => [
          i === 0 ? 'topic' : `topic${i + 1}`,
          topic,
        ]);
        examples.push({
          id: `${set.name}-${split}-${examples.length}`,
          source: linearise(dialogue),
          target,
          references,
          meta: { fname, ...Object.fromEntries(topics) },
        });
      }
      if (examples.length === 0) throw new DataError(`${path}: the ${split} split is empty`);
      return examples;
    },
  };
}
