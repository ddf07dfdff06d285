import type { Command } from 'commander';
import { DataError } from '../errors';
import { generateTexts } from '../experiments/generateTexts';
import { loadTuning } from '../experiments/loadTuning';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { modelShape, passProduct } from '../model/shapes';
import { useBackend } from '../tensor/backend';
import { defaultRows } from '../training/generateSorted';
import { backendOption } from './backendOption';
import { addGenerationOptions, generationOptions } from './generationOptions';
import { whole } from './options';
import { printItems } from './print';
import { progressBar } from './progressBar';
import { readLines } from './readLines';

type Options = {
  readonly model: string;
  readonly adapter?: string;
  readonly input: string;
  readonly rows?: number;
  readonly backend?: string;
  readonly json?: boolean;
};

type Item = { readonly id: string | number; readonly source: string };

/** `spt generate`: a text for each line of a JSON Lines file. */
export function generate(command: Command): void {
  command
    .requiredOption('--model <M>', 'mini, a folder, or a Hugging Face name in the cache')
    .option('--adapter <DIR>', "a finished run's folder")
    .requiredOption('--input <FILE>', 'JSON Lines with id and source')
    .option('--rows <N>', 'rows decoded together, each beam is one (default: 64)', whole(1));
  addGenerationOptions(command);
  command.addOption(backendOption()).action(async (options: Options & Record<string, unknown>) => {
    const items = readItems(options.input);
    const folder = resolveModel(options.model);
    const work = passProduct(modelShape(options.model), options.rows ?? defaultRows);
    await useBackend(options.backend, work);
    const model = await loadT5(folder);
    const loaded = options.adapter === undefined ? undefined : await loadTuning(model, options.adapter);
    const bar = progressBar();
    bar.start('texts', items.length, 0);
    try {
      const texts = await generateTexts(
        model,
        items.map((item) => item.source),
        {
          generation: generationOptions(options),
          onProgress: (done) => bar.update(done, ''),
          ...(options.rows === undefined ? {} : { rows: options.rows }),
        },
        loaded?.tuning,
      );
      bar.stop();
      printItems(
        texts.map((generated, i) => ({ id: items[i]?.id, ...generated })),
        options,
      );
    } finally {
      bar.stop();
      loaded?.dispose();
      model.dispose();
    }
  });
}

/** The items of the input file. Throws DataError naming the line that is none. */
function readItems(file: string): Item[] {
  return readLines(file).map((line, i) => {
    const where = `${file}:${i + 1}`;
    let item: unknown;
    try {
      item = JSON.parse(line);
    } catch (cause) {
      throw new DataError(`${where}: must be one JSON object a line (${(cause as Error).message})`, {
        cause,
      });
    }
    const { id, source } = (item ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof id !== 'string' && typeof id !== 'number')
      throw new DataError(`${where}: id must be a text or a number; found ${shown(id)}`);
    if (typeof source !== 'string')
      throw new DataError(`${where}: source must be a text; found ${shown(source)}`);
    return { id, source };
  });
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}
