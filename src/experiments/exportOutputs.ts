import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors';
import { type Protocol, type ProtocolName, protocols } from '../metrics/protocols';
import { writeAtomically } from '../model/atomicFile';
import type { Example } from '../tasks/task';

/** What a run wrote for one example. */
export type Output = { readonly example: Example; readonly text: string };

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

/** One file of references for each place, an empty line where an example has fewer. */
function referenceFiles(
  outputs: readonly Output[],
  { fileText, mostReferences }: Protocol,
  name: (i: number) => string,
): Record<string, string> {
  const most = Math.max(...outputs.map(({ example }) => example.references.length));
  return Object.fromEntries(
    Array.from({ length: Math.min(mostReferences, most) }, (_, i) => [
      name(i),
      lines(outputs.map(({ example }) => fileText(example.references[i] ?? ''))),
    ]),
  );
}

const hypotheses = (outputs: readonly Output[], { fileText }: Protocol): string =>
  lines(outputs.map(({ text }) => fileText(text)));

/** The files that each protocol's official scorer reads, by their names. */
const files: Readonly<
  Record<ProtocolName, (outputs: readonly Output[], protocol: Protocol) => Record<string, string>>
> = {
  // tuetschek/e2e-metrics: measure_scores.py references.txt outputs.txt; an item's references end with an empty line.
  e2e: (outputs, protocol) => ({
    'outputs.txt': hypotheses(outputs, protocol),
    'references.txt': outputs
      .map(({ example }) => `${lines(example.references.map(protocol.fileText))}\n`)
      .join(''),
  }),
  // WebNLG/GenerationEval: eval.py -R reference -H hypothesis -nr 4.
  webnlg: (outputs, protocol) => ({
    hypothesis: hypotheses(outputs, protocol),
    ...referenceFiles(outputs, protocol, (i) => `reference${i}`),
  }),
  // Yale-LILY/dart: multi-bleu.perl reference0.lex reference1.lex reference2.lex < hypothesis.txt, all prepared alike.
  dart: (outputs, protocol) => ({
    'hypothesis.txt': hypotheses(outputs, protocol),
    ...referenceFiles(outputs, protocol, (i) => `reference${i}.lex`),
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
  const written = files[protocol](outputs, protocols[protocol]);
  for (const [name, text] of Object.entries(written))
    await writeAtomically(join(folder, name), (handle) => handle.writeFile(text));
  return Object.keys(written);
}
