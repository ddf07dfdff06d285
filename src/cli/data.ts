import { type Command, Option } from 'commander';
import { readTask, tasks } from '../tasks';
import { fewShot } from '../tasks/fewShot';
import { type Split, splits } from '../tasks/task';
import { whole } from './options';
import { printItems } from './print';

type Options = {
  readonly root?: string;
  readonly split: Split;
  readonly shots?: number;
  readonly seed: number;
  readonly references: 'one' | 'all';
  readonly json?: boolean;
};

/** `spt data DATASET`: a data set's items, or a few-shot draw of them. */
export function data(command: Command): void {
  command
    .argument('<DATASET>', Object.keys(tasks).join(', '))
    .addOption(new Option('--split <SPLIT>', 'the split').choices(splits).makeOptionMandatory())
    .option('--root <DIR>', "the data set's folder, or the one that holds it")
    .option('--shots <K>', 'draw K examples, each with one drawn reference as its target', whole(1))
    .option('--seed <S>', 'seed of the draw', whole(0), 0)
    .addOption(
      new Option('--references <WHICH>', 'of a drawn example, take one reference or all as targets')
        .choices(['one', 'all'])
        .default('one'),
    )
    .action((name: string, options: Options) => {
      const examples = readTask(name, options.split, options.root);
      const { shots, seed, references } = options;
      printItems(shots === undefined ? examples : fewShot(examples, { shots, seed, references }), options);
    });
}
