import type { Command } from 'commander';
import { embeddingGap } from '../analysis/embeddingGap';
import { sampleRows } from '../analysis/sampleRows';
import { random } from '../tensor/random';
import { whole } from './options';
import { printDocument } from './print';
import { readEmbeddings } from './readEmbeddings';

type Options = {
  readonly prompt: string;
  readonly inputs: string;
  readonly maxInputs: number;
  readonly permutations: number;
  readonly seed: number;
  readonly json?: boolean;
};

/** `spt gap`: every measure of the gap between prompt vectors and input vectors. */
export function gap(command: Command): void {
  command
    .requiredOption('--prompt <FILE>', 'safetensors with `embeddings` [n, d]')
    .requiredOption(
      '--inputs <FILE>',
      'the same for input tokens; with `sentences` [n], sentences are resampled',
    )
    .option('--max-inputs <N>', 'input vectors compared; of more, a sample (default: 4000)', whole(1), 4000)
    .option('--permutations <N>', 'relabellings of each test (default: 999)', whole(0), 999)
    .option('--seed <N>', 'seed of samples and relabellings (default: 0)', whole(0), 0)
    .action(async (options: Options) => printDocument(await gapOfFiles(options), options));
}

async function gapOfFiles({ prompt, inputs, maxInputs, permutations, seed }: Options): Promise<unknown> {
  const [p, x] = [await readEmbeddings(prompt), await readEmbeddings(inputs)];
  const rows = sampleRows(x.vectors.length, maxInputs, random(seed).fork('inputs'));
  if (rows.length < x.vectors.length)
    process.stderr.write(
      `${inputs}: ${rows.length} of ${x.vectors.length} vectors are compared (--max-inputs)\n`,
    );
  return embeddingGap(
    p.vectors,
    rows.map((row) => x.vectors[row] as Float32Array),
    {
      permutations,
      seed,
      units: {
        ...(p.sentences === undefined ? {} : { prompt: p.sentences }),
        ...(x.sentences === undefined ? {} : { inputs: rows.map((row) => x.sentences?.[row] as number) }),
      },
    },
  );
}
