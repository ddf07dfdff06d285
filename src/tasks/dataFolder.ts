import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors';
import type { Split, Task } from './task';

/** The package's own folder `data`, the same from `src/tasks` and from `dist/tasks`. */
const packageData = join(__dirname, '..', '..', 'data');

/** Where downloaded sets lie, a folder a set. */
export const dataCache = join(packageData, 'cache');

/** The folders that may hold data sets, the first that has one wins. */
function bases(task: Task): readonly string[] {
  if (task.shipped) return [join(packageData, 'mini')];
  const given = process.env['SPT_DATA'];
  return given === undefined ? [dataCache] : [given, dataCache];
}

/**
 * The folder that holds a split of a data set.
 *
 * `root` may be the set's own folder or the one above it, where the set lies under its name. Without a root, sets that
 * come with the package lie in its `data/mini`, others in the folder that the variable SPT_DATA names or in the
 * package's `data/cache`. Throws DataError naming what to put where.
 */
export function dataFolder(task: Task, split: Split, root?: string): string {
  const files = task.files[split];
  if (files.length === 0) throw new DataError(`${task.name}: has no ${split} split; none was published`);
  const folders = (root === undefined ? bases(task) : [root]).flatMap((base) => [
    join(base, task.folder),
    base,
  ]);
  const found = folders.find((folder) => files.some((file) => existsSync(join(folder, file))));
  if (found === undefined)
    throw new DataError(
      `${task.name}: no ${split} split; put ${files.join(' or ')} into ${folders[0]}` +
        (root === undefined ? ', or name its folder with --root' : ` or ${folders[1]}`),
    );
  return found;
}
