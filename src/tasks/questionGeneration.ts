import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors';
import type { Example, Split, Task } from './task';
import { textLines } from './textFile';

const files: Readonly<Record<Split, readonly string[]>> = {
  train: ['src-train.txt'],
  dev: ['src-dev.txt'],
  test: ['src-test.txt'],
};

/** The lines of a file, none of them empty. */
function fullLines(file: string): string[] {
  const lines = [...textLines(file)].map((line) => line.trim());
  const empty = lines.indexOf('');
  if (empty !== -1) throw new DataError(`${file}:${empty + 1}: the line is empty`);
  return lines;
}

/**
 * Question generation as text files: sentence and question on line n of `src-SPLIT.txt` and `tgt-SPLIT.txt`.
 *
 * Equal sentences become one example, in order of first appearance: references = its questions, `meta.rows` = how many.
 *
 * Reference: Du, Shao and Cardie 2017, "Learning to Ask: Neural Question Generation for Reading Comprehension".
 */
export function questionGenerationTask(set: Pick<Task, 'name' | 'shipped' | 'licence' | 'folder'>): Task {
  return {
    ...set,
    files,
    read(folder: string, split: Split): readonly Example[] {
      const sourceFile = join(folder, files[split][0] as string);
      const targetFile = join(folder, `tgt-${split}.txt`);
      if (!existsSync(targetFile))
        throw new DataError(`${targetFile}: no such file; it has the questions of ${sourceFile}`);
      const sources = fullLines(sourceFile);
      const targets = fullLines(targetFile);
      if (sources.length !== targets.length) {
        const shorter = sources.length < targets.length ? sourceFile : targetFile;
        const end = Math.min(sources.length, targets.length);
        throw new DataError(
          `${shorter}:${end + 1}: sentences and questions must be as many; found ${sources.length} and ${targets.length}`,
        );
      }
      if (sources.length === 0) throw new DataError(`${sourceFile}: the ${split} split is empty`);
      const groups = new Map<string, string[]>();
      sources.forEach((source, i) => {
        const target = targets[i] as string;
        const group = groups.get(source);
        if (group === undefined) groups.set(source, [target]);
        else group.push(target);
      });
      return [...groups].map(([source, references], i) => ({
        id: `${set.name}-${split}-${i}`,
        source,
        target: references[0] as string,
        references,
        meta: { rows: references.length },
      }));
    },
  };
}
