import { ConfigError } from '../errors';
import { columnsTask } from './columns';
import { dataFolder } from './dataFolder';
import { dartTask } from './dart';
import { dialogueTask, fewShotWozDomains } from './dialogue';
import { cleanedE2e, e2eTask } from './e2e';
import { serviceNames } from './mini/dialogue';
import { questionGenerationTask, squadTask } from './questionGeneration';
import { schemaGuidedTask } from './schemaGuided';
import { summarizationTask } from './summarization';
import { type Example, type Split, splits, type Task } from './task';
import { webnlg2, webnlg2017, webnlgTask } from './webnlg';

const webnlgSet = { shipped: false, licence: 'CC BY-NC-SA 4.0' } as const;
const mini = { shipped: true, licence: 'Apache-2.0' } as const;

/** Every data set by its name on the command line. */
export const tasks = {
  e2e: e2eTask({ name: 'e2e', shipped: false, licence: 'CC BY-SA 4.0' }),
  'e2e-cleaned': e2eTask({ name: 'e2e-cleaned', shipped: false, licence: 'CC BY-SA 4.0' }, cleanedE2e),
  webnlg: webnlgTask({ name: 'webnlg', ...webnlgSet }),
  'webnlg-2': webnlgTask({ name: 'webnlg-2', ...webnlgSet }, webnlg2),
  'webnlg-2017': webnlgTask({ name: 'webnlg-2017', ...webnlgSet }, webnlg2017),
  dart: dartTask({ name: 'dart', shipped: false, licence: 'MIT' }),
  'dart-own': dartTask({ name: 'dart-own', shipped: false, licence: 'MIT' }, 'own'),
  dialogsum: summarizationTask({
    name: 'dialogsum',
    folder: 'dialogsum',
    shipped: false,
    licence: 'CC BY-NC-SA 4.0',
  }),
  fewshotwoz: dialogueTask(
    { name: 'fewshotwoz', folder: 'fewshotwoz', shipped: false, licence: 'none stated' },
    fewShotWozDomains,
    ['train', 'test'],
  ),
  sgd: schemaGuidedTask({ name: 'sgd', folder: 'sgd', shipped: false, licence: 'CC BY-SA 4.0' }),
  'squad-qg': questionGenerationTask({
    name: 'squad-qg',
    folder: 'squad-qg',
    shipped: false,
    licence: 'CC BY-SA 4.0',
  }),
  squad: squadTask({ name: 'squad', folder: 'squad', shipped: false, licence: 'CC BY-SA 4.0' }),
  columns: columnsTask({ name: 'columns', folder: 'columns', shipped: false, licence: "the data's own" }),
  'mini-e2e': e2eTask({ name: 'mini-e2e', ...mini }),
  'mini-webnlg': webnlgTask({ name: 'mini-webnlg', ...mini }),
  'mini-dart': dartTask({ name: 'mini-dart', ...mini }),
  'mini-summarization': summarizationTask({ name: 'mini-summarization', folder: 'summarization', ...mini }),
  'mini-dialogue': dialogueTask({ name: 'mini-dialogue', folder: 'dialogue', ...mini }, serviceNames, splits),
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
