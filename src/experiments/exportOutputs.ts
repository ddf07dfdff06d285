import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors';
import { dartText } from '../metrics/dartText';
import type { ProtocolName } from '../metrics/protocols';
import { writeAtomically } from '../model/atomicFile';
import type { Example } from '../tasks/task';

/** What a run wrote for one example. */
export type Output = { readonly example: Example; readonly text: string };

/** A text on one line, as files of one text a line need it. */
const oneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029\v\f\x85]+/g, ' ').trim();

const lines = (texts: readonly string[]): string => texts.map((text) => `${oneLine(text)}\n`).join('');

/** One file of references for each place, an empty line where an example has fewer. */
function referenceFiles(
  outputs: readonly Output[],
  name: (i: number) => string,
  most: number,
  prepare: (text: string) => string,
): Record<string, string> {
  const width = Math.min(most, Math.max(...outputs.map(({ example }) => example.references.length)));
  return Object.fromEntries(
    Array.from({ length: width }, (_, i) => [
      name(i),
      lines(outputs.map(({ example }) => prepare(example.references[i] ?? ''))),
    ]),
  );
}

const asItIs = (text: string): string => text;

/** The files that each protocol's official scorer reads, by their names. */
const files: Readonly<Record<ProtocolName, (outputs: readonly Output[]) => Record<string, string>>> = {
  // tuetschek/e2e-metrics: measure_scores.py references.txt outputs.txt; an item's references end with an empty line.
  e2e: (outputs) => ({
    'outputs.txt': lines(outputs.map(({ text }) => text)),
    'references.txt': outputs.map(({ example }) => `${lines(example.references)}\n`).join(''),
  }),
  // WebNLG/GenerationEval: eval.py -R reference -H hypothesis -nr 4; it knows up to four references.
  webnlg: (outputs) => ({
    hypothesis: lines(outputs.map(({ text }) => text)),
    ...referenceFiles(outputs, (i) => `reference${i}`, 4, asItIs),
  }),
  // Yale-LILY/dart: multi-bleu.perl reference0.lex reference1.lex reference2.lex < hypothesis.txt, all prepared alike.
  dart: (outputs) => ({
    'hypothesis.txt': lines(outputs.map(({ text }) => dartText(text))),
    ...referenceFiles(outputs, (i) => `reference${i}.lex`, 3, dartText),
  }),
};

/**
 * Writes outputs and references as a protocol's official scorer reads them, for the metrics that need models of their own
 * (BERTScore, BLEURT). Returns the files' names. Throws DataError when there is nothing to write.
 */
export async function exportOutputs(
  outputs: readonly Output[],
  protocol: ProtocolName,
  folder: string,
): Promise<readonly string[]> {
  if (outputs.length === 0) throw new DataError(`${folder}: there are no outputs to export`);
  mkdirSync(folder, { recursive: true });
  const written = files[protocol](outputs);
  for (const [name, text] of Object.entries(written))
    await writeAtomically(join(folder, name), (handle) => handle.writeFile(text));
  return Object.keys(written);
}
