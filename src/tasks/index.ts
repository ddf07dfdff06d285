import { ConfigError } from '../errors';
import { dataFolder } from './dataFolder';
import { dartTask } from './dart';
import { dialogueTask, fewShotWozDomains } from './dialogue';
import { e2eTask } from './e2e';
import { serviceNames } from './mini/dialogue';
import { questionGenerationTask } from './questionGeneration';
import { summarizationTask } from './summarization';
import type { Example, Split, Task } from './task';
import { webnlgTask } from './webnlg';

const mini = { shipped: true, licence: 'Apache-2.0' } as const;

/** Every data set by its name on the command line. */
export const tasks = {
  e2e: e2eTask({ name: 'e2e', shipped: false, licence: 'CC BY-SA 4.0' }),
  webnlg: webnlgTask({ name: 'webnlg', shipped: false, licence: 'CC BY-NC-SA 4.0' }),
  dart: dartTask({ name: 'dart', shipped: false, licence: 'MIT' }),
  dialogsum: summarizationTask({
    name: 'dialogsum',
    folder: 'dialogsum',
    shipped: false,
    licence: 'CC BY-NC-SA 4.0',
  }),
  fewshotwoz: dialogueTask(
    { name: 'fewshotwoz', folder: 'fewshotwoz', shipped: false, licence: 'none stated' },
    fewShotWozDomains,
  ),
  'squad-qg': questionGenerationTask({
    name: 'squad-qg',
    folder: 'squad-qg',
    shipped: false,
    licence: 'CC BY-SA 4.0',
  }),
  'mini-e2e': e2eTask({ name: 'mini-e2e', ...mini }),
  'mini-webnlg': webnlgTask({ name: 'mini-webnlg', ...mini }),
  'mini-dart': dartTask({ name: 'mini-dart', ...mini }),
  'mini-summarization': summarizationTask({ name: 'mini-summarization', folder: 'summarization', ...mini }),
  'mini-dialogue': dialogueTask({ name: 'mini-dialogue', folder: 'dialogue', ...mini }, serviceNames),
  'mini-questions': questionGenerationTask({ name: 'mini-questions', folder: 'questions', ...mini }),
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
