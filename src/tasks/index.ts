import { ConfigError } from '../errors';
import { dataFolder } from './dataFolder';
import { e2eTask } from './e2e';
import type { Example, Split, Task } from './task';

/** Every data set by its name on the command line. */
export const tasks = {
  e2e: e2eTask({ name: 'e2e', shipped: false, licence: 'CC BY-SA 4.0' }),
  'mini-e2e': e2eTask({ name: 'mini-e2e', shipped: true, licence: 'Apache-2.0' }),
} satisfies Readonly<Record<string, Task>>;

export type TaskName = keyof typeof tasks;

/** A data set by name. Throws ConfigError listing the names there are. */
export function taskNamed(name: string): Task {
  if (!Object.hasOwn(tasks, name))
    throw new ConfigError(`task: must be one of ${Object.keys(tasks).join(', ')}; found ${name}`);
  return tasks[name as TaskName];
}

/** All items of a data set's split, from `root` or the set's usual place (see `dataFolder`). */
export function readTask(name: string, split: Split, root?: string): readonly Example[] {
  const task = taskNamed(name);
  return task.read(dataFolder(task, split, root), split);
}
