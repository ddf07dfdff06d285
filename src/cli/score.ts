import type { Command } from 'commander';
import { DataError } from '../errors';
import { chosenMetrics } from '../metrics/chosenMetrics';
import { type CorpusScore, itemStatistics, scoreItems } from '../metrics/corpusScore';
import type { Metric } from '../metrics/metric';
import { slotErrorRate } from '../metrics/slotErrorRate';
import { type PairedTest, pairedTest } from '../metrics/pairedTests';
import { whole } from './options';
import { printDocument } from './print';
import { readLines } from './readLines';
import { addScoringOptions, scoringChoice, type ScoringOptions } from './scoringOptions';

type Options = ScoringOptions & {
  readonly hyp: string;
  readonly hyp2?: string;
  readonly ref: readonly string[];
  readonly mr?: string;
  readonly draws: number;
  readonly seed: number;
  readonly json?: boolean;
};

type References = readonly (readonly (string | null)[])[];
type Scored = CorpusScore & { readonly second?: CorpusScore; readonly paired?: PairedTest };

/** `spt score`: a file of hypotheses against files of references, line by line; an empty reference line means none. */
export function score(command: Command): void {
  command
    .requiredOption('--hyp <FILE>', 'hypotheses, one a line')
    .requiredOption(
      '--ref <FILE...>',
      "references, one line a hypothesis, empty where there is none; repeatable; or E2E's one file of them",
    );
  addScoringOptions(command)
    .option('--mr <FILE>', "E2E's meaning representations, one a line: adds the slot-error-rate")
    .option('--hyp2 <FILE>', 'a second system: its scores, and whether the two differ')
    .option('--draws <N>', 'resamplings of the intervals and tests', whole(1), 1000)
    .option('--seed <N>', 'of the resamplings', whole(0), 0)
    .action((options: Options) => {
      const named = chosenMetrics(scoringChoice(options), 'files');
      const hypotheses = readTexts(options.hyp);
      const chosen =
        options.mr === undefined
          ? named
          : { ...named, 'slot-error-rate': slotErrorRate(readTexts(options.mr, options, hypotheses)) };
      const second = options.hyp2 === undefined ? undefined : readTexts(options.hyp2, options, hypotheses);
      const references = readReferences(options, hypotheses, Object.values(chosen));
      const scores = Object.entries(chosen).map(
        ([key, metric]) => [key, scoreFiles(metric, hypotheses, second, references, options)] as const,
      );
      printDocument(Object.fromEntries(scores), options);
    });
}

function scoreFiles(
  metric: Metric,
  hypotheses: readonly string[],
  second: readonly string[] | undefined,
  references: References,
  { draws, seed }: Options,
): Scored {
  const items = itemStatistics(metric, hypotheses, references);
  const own = scoreItems(metric, items, references, { draws, seed });
  if (second === undefined) return own;
  const others = itemStatistics(metric, second, references);
  return {
    ...own,
    second: scoreItems(metric, others, references, { draws, seed }),
    paired: pairedTest(items, others, (sums) => metric.score(sums), { draws, seed }),
  };
}

/** A file's lines; where other lines are given, as many. */
function readTexts(
  file: string,
  { hyp }: { readonly hyp?: string } = {},
  others?: readonly string[],
): string[] {
  const lines = readLines(file).map(withoutReturn);
  if (others !== undefined && lines.length !== others.length)
    throw new DataError(
      `${file}: must have one line a hypothesis; found ${lines.length} lines, ${hyp} has ${others.length}`,
    );
  return lines;
}

/** The references of each hypothesis. A hypothesis without any is refused, unless every metric takes it for an empty one. */
function readReferences(
  options: Options,
  hypotheses: readonly string[],
  chosen: readonly Metric[],
): References {
  const grouped = readGroups(options, hypotheses);
  if (grouped !== undefined) return grouped;
  const streams = options.ref.map((file) => readTexts(file, options, hypotheses));
  const references = hypotheses.map((_, i) =>
    streams.map((stream) => (stream[i] === '' ? null : (stream[i] ?? null))),
  );
  const bare = references.findIndex((item) => item.every((text) => text === null));
  if (bare !== -1 && chosen.some((metric) => metric.padsReferences !== true))
    throw new DataError(
      `${options.ref.join(', ')}:${bare + 1}: no reference file has one for this hypothesis`,
    );
  return references;
}

/**
 * The references of E2E's script, which reads one file of them: a hypothesis' references a line each, then an empty line.
 * Nothing where there is another protocol or file, or one with a line a hypothesis.
 */
function readGroups(
  { protocol, ref: [file, ...others] }: Options,
  hypotheses: readonly string[],
): References | undefined {
  if (protocol !== 'e2e' || file === undefined || others.length > 0) return undefined;
  const lines = readTexts(file);
  const groups: string[][] = [[]];
  for (const line of lines)
    if (line === '') groups.push([]);
    else groups.at(-1)?.push(line);
  const found = groups.filter((group) => group.length > 0);
  return lines.length !== hypotheses.length && found.length === hypotheses.length ? found : undefined;
}

/** A line as an editor shows it, where the file's lines end in CRLF. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
