export type Split = 'train' | 'dev' | 'test';

/** The splits in the order they are used. */
export const splits = ['train', 'dev', 'test'] as const satisfies readonly Split[];

/** One item of a data set: a source text, the target trained on, and all references it is scored against. */
export type Example = {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly references: readonly string[];
  readonly meta: Readonly<Record<string, string | number | boolean>>;
};

/** A data set in the format it was published in. */
export interface Task {
  /** The name on the command line, e.g. `e2e`. */
  readonly name: string;
  /** The folder below the data root. */
  readonly folder: string;
  /** The set is the project's own and comes with it, in `data/mini`. */
  readonly shipped: boolean;
  readonly licence: string;
  /** The files a split may lie in, the first that is there is read; paths below the folder. */
  readonly files: Readonly<Record<Split, readonly string[]>>;
  /** All items of a split, references grouped. Throws DataError naming file and line. */
  read(folder: string, split: Split): readonly Example[];
}
