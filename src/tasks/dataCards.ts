import { dataFolder } from './dataFolder';
import { releases } from './download/releases';
import { splits, type Split, type Task } from './task';

/** What is known of a split: its items and references, where it lies, or why it cannot be read. */
export type SplitCard =
  | { readonly folder: string; readonly examples: number; readonly references: number }
  | { readonly missing: string };

/** A data set in short. */
export type DataCard = {
  readonly name: string;
  readonly licence: string;
  /** Its page, or null for what this project made and for data of one's own. */
  readonly page: string | null;
  /** `spt data get` knows it. */
  readonly downloadable: boolean;
  readonly splits: Readonly<Record<Split, SplitCard>>;
};

function splitCard(task: Task, split: Split): SplitCard {
  try {
    const folder = dataFolder(task, split);
    const examples = task.read(folder, split);
    const references = examples.reduce((sum, example) => sum + example.references.length, 0);
    return { folder, examples: examples.length, references };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}

/** A card of each data set, counted from the files as they lie here. */
export function dataCards(tasks: readonly Task[]): DataCard[] {
  return tasks.map((task) => {
    const release = releases[task.name];
    const cards = splits.map((split) => [split, splitCard(task, split)] as const);
    return {
      name: task.name,
      licence: task.licence,
      page: release?.page ?? null,
      downloadable: release !== undefined,
      splits: Object.fromEntries(cards) as Record<Split, SplitCard>,
    };
  });
}
