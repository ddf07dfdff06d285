import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { ConfigError } from '../errors';
import { readTask, taskNamed, tasks } from '../tasks';
import { dataCards, type DataCard } from '../tasks/dataCards';
import { dataCache } from '../tasks/dataFolder';
import { getRelease } from '../tasks/download/getRelease';
import { releases } from '../tasks/download/releases';
import { fewShot } from '../tasks/fewShot';
import { type Split, splits } from '../tasks/task';
import { whole } from './options';
import { printDocument, printItems } from './print';
import { progressBar } from './progressBar';

type Options = {
  readonly root?: string;
  readonly split?: Split;
  readonly shots?: number;
  readonly seed: number;
  readonly references: 'one' | 'all';
  readonly json?: boolean;
};

/** `spt data DATASET`: a data set's items, or a few-shot draw of them; `get` and `cards` beside it. */
export function data(command: Command): void {
  command
    .argument('<DATASET>', Object.keys(tasks).join(', '))
    .addOption(new Option('--split <SPLIT>', 'the split').choices(splits))
    .option('--root <DIR>', "the data set's folder, or the one that holds it")
    .option('--shots <K>', 'draw K examples, each with one drawn reference as its target', whole(1))
    .option('--seed <S>', 'seed of the draw', whole(0), 0)
    .addOption(
      new Option('--references <WHICH>', 'of a drawn example, take one reference or all as targets')
        .choices(['one', 'all'])
        .default('one'),
    )
    .action((name: string, options: Options) => {
      const { root, split, shots, seed, references } = options;
      if (split === undefined) command.error("error: required option '--split <SPLIT>' not specified");
      const examples = readTask(name, split, root);
      printItems(shots === undefined ? examples : fewShot(examples, { shots, seed, references }), options);
    });
  command
    .command('get')
    .description('download a published release into data/cache')
    .argument('<DATASET>', Object.keys(releases).join(', '))
    .option('--any-checksum', 'take files whose SHA-256 is not the known one, too')
    .option('--json', 'print one JSON document on stdout and nothing else')
    .action(get);
  command
    .command('cards')
    .description('list the data sets with their licences and counts')
    .option('--json', 'print one JSON document on stdout and nothing else')
    .action((options: { readonly json?: boolean }) => {
      const cards = dataCards(Object.values(tasks));
      if (options.json === true) printDocument(cards, options);
      else process.stdout.write(cards.map(cardText).join(''));
    });
}

const note = (text: string): boolean => process.stderr.write(`${text}\n`);

/** `spt data get DATASET`: says the licence, downloads what is not there yet, and reads it once. */
async function get(
  name: string,
  { anyChecksum, ...options }: { readonly anyChecksum?: boolean; readonly json?: boolean },
): Promise<void> {
  const task = taskNamed(name);
  const release = releases[name];
  if (release === undefined)
    throw new ConfigError(`data get: must be one of ${Object.keys(releases).join(', ')}; found ${name}`);
  note(`${name}: licence ${task.licence}; ${release.page}`);
  const [card] = dataCards([task]) as [DataCard];
  const wanted = splits.filter((split) => task.files[split].length > 0);
  if (wanted.some((split) => !('folder' in card.splits[split]))) {
    const bar = progressBar();
    let url = '';
    try {
      const unknown = await getRelease(release, join(dataCache, task.folder), {
        anyChecksum: anyChecksum === true,
        onProgress: (progress) => {
          if (progress.url !== url) bar.start(name, progress.total ?? 0, 0);
          ({ url } = progress);
          bar.update(progress.received, 'bytes');
        },
      });
      if (unknown.length > 0) note(`${name}: no SHA-256 is known of ${unknown.join(', ')}`);
    } finally {
      bar.stop();
    }
  }
  for (const split of wanted) readTask(name, split);
  const [there] = dataCards([task]) as [DataCard];
  if (options.json === true) printDocument(there, options);
  else process.stdout.write(cardText(there));
}

/** A card in a few lines. */
function cardText({ name, licence, page, downloadable, splits: cards }: DataCard): string {
  const lines = Object.entries(cards).map(([split, card]) =>
    'folder' in card
      ? `  ${split}: ${card.examples} examples, ${card.references} references, ${card.folder}`
      : `  ${split}: ${card.missing.replace(`${name}: `, '')}`,
  );
  const from = page === null ? '' : `; ${page}${downloadable ? `; spt data get ${name}` : ''}`;
  return `${name}: licence ${licence}${from}\n${lines.join('\n')}\n`;
}
