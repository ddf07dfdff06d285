import { ask } from './ask';
import { copy } from './copy';
import { demo } from './demo';
import { describe } from './describe';
import { parse } from './parse';
import type { PretrainingTask } from './pretrainingTask';
import { span } from './span';
import { template } from './template';

export type PretrainingTaskName = 'template' | 'demo' | 'ask' | 'span' | 'describe' | 'parse' | 'copy';

/** All pretraining tasks by name. */
export const pretrainingTasks: Readonly<Record<PretrainingTaskName, PretrainingTask>> = {
  template,
  demo,
  ask,
  span,
  describe,
  parse,
  copy,
};

export const pretrainingTaskNames = Object.keys(pretrainingTasks) as readonly PretrainingTaskName[];
