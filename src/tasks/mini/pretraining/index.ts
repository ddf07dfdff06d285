import { act } from './act';
import { ask } from './ask';
import { chain } from './chain';
import { copy } from './copy';
import { demo } from './demo';
import { describe } from './describe';
import { frame } from './frame';
import { parse } from './parse';
import type { PretrainingTask } from './pretrainingTask';
import { question } from './question';
import { span } from './span';
import { summary } from './summary';
import { template } from './template';

export type PretrainingTaskName =
  | 'template'
  | 'demo'
  | 'frame'
  | 'ask'
  | 'chain'
  | 'act'
  | 'question'
  | 'summary'
  | 'span'
  | 'describe'
  | 'parse'
  | 'copy';

/** All pretraining tasks by name. */
export const pretrainingTasks: Readonly<Record<PretrainingTaskName, PretrainingTask>> = {
  template,
  demo,
  frame,
  ask,
  chain,
  act,
  question,
  summary,
  span,
  describe,
  parse,
  copy,
};

export const pretrainingTaskNames = Object.keys(pretrainingTasks) as readonly PretrainingTaskName[];
