import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { groupReferences, type Pair } from './groupReferences';
import { readJson } from './jsonFile';
import { lineariseAnswer } from './linearise';
import type { Example, Split, Task } from './task';
import { textLines } from './textFile';

/** The lines of a file, none of them empty. */
function fullLines(file: string): string[] {
  const lines = [...textLines(file)].map((line) => line.trim());
  const empty = lines.indexOf('');
  if (empty !== -1) throw new DataError(`${file}:${empty + 1}: the line is empty`);
  return lines;
}

/** The pairs of line n in both files. */
function readLines(sourceFile: string, targetFile: string): Pair[] {
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
  return sources.map((source, i) => ({ source, reference: targets[i] as string }));
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
    files: { train: ['src-train.txt'], dev: ['src-dev.txt'], test: ['src-test.txt'] },
    read(folder: string, split: Split): readonly Example[] {
      const sourceFile = join(folder, `src-${split}.txt`);
      const pairs = readLines(sourceFile, join(folder, `tgt-${split}.txt`));
      if (pairs.length === 0) throw new DataError(`${sourceFile}: the ${split} split is empty`);
      return groupReferences(`${set.name}-${split}`, pairs);
    },
  };
}

const squadFile = z.object({
  data: z.array(
    z.object({
      title: z.string(),
      paragraphs: z.array(
        z.object({
          context: z.string(),
          qas: z.array(
            z.object({
              id: z.string(),
              question: z.string(),
              answers: z.array(z.object({ text: z.string(), answer_start: z.int().min(0) })).min(1),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** What a question of SQuAD is generated from. */
export type AnswerInContext = { readonly answer: string; readonly context: string };

/**
 * SQuAD v1.1's JSON for question generation; its test split was never published.
 *
 * source = the first answer and the paragraph (see `lineariseAnswer`), references = the questions of that answer there;
 * `meta` = the `title` of the article and the first question's `question` id. Throws DataError naming the question.
 *
 * Reference: Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text".
 */
export function squadTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence' | 'folder'>,
  linearise: (asked: AnswerInContext) => string = lineariseAnswer,
): Task {
  return {
    ...set,
    files: { train: ['train-v1.1.json'], dev: ['dev-v1.1.json'], test: [] },
    read(folder: string, split: Split): readonly Example[] {
      const file = join(folder, `${split}-v1.1.json`);
      const parsed = squadFile.safeParse(readJson(file));
      if (!parsed.success) {
        const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
        throw new DataError(`${file}: ${path.join('.')}: ${message}`);
      }
      const pairs = parsed.data.data.flatMap(({ title, paragraphs }) =>
        paragraphs.flatMap(({ context, qas }) =>
          qas.map(({ id, question, answers }): Pair => {
            const [{ text: answer, answer_start: start }] = answers as [(typeof answers)[number]];
            if (!context.startsWith(answer, start))
              throw new DataError(
                `${file}: question ${id}: the answer must stand in the context at ${start}`,
              );
            if (question.trim() === '') throw new DataError(`${file}: question ${id}: the question is empty`);
            return {
              source: linearise({ answer, context }),
              reference: question.trim(),
              key: `${start} ${answer} ${context}`,
              meta: { title, question: id },
            };
          }),
        ),
      );
      if (pairs.length === 0) throw new DataError(`${file}: the ${split} split is empty`);
      return groupReferences(`${set.name}-${split}`, pairs);
    },
  };
}
