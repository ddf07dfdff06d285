import type { T5 } from '../model/t5';
import { name, probes, probeTasks, unseenLexicon, type Pair, type ProbeTask } from '../tasks/mini';
import { random } from '../tensor/random';
import { encodeText } from './encodeText';
import { generateTexts } from './generateTexts';

/** Exact match by greedy search, of skills that a prefix asks for. */
export type Skills = {
  /** `copy: NAMES` with names that pretraining cannot have written. */
  readonly copyUnseenNames: number;
  /** With words and names of pretraining, and with ones that it never saw. */
  readonly probes: Readonly<Record<ProbeTask, { readonly seen: number; readonly unseen: number }>>;
};

/** Tokens that a wrong answer may go beyond the longest right one before it is cut. */
const slack = 8;

/** The share of pairs whose target the model writes exactly, by greedy search. */
export async function exactMatch(model: T5, pairs: readonly Pair[]): Promise<number> {
  const targets = pairs.map(({ target }) => encodeText(model, target));
  const maxNewTokens = Math.max(...targets.map((ids) => ids.length)) + slack;
  const sources = pairs.map(({ source }) => source);
  const found = await generateTexts(model, sources, { generation: { maxNewTokens } });
  const hits = targets.filter((ids, i) => model.tokenizer?.decode(ids) === found[i]?.text);
  return hits.length / pairs.length;
}

/** Exact match of a skill on `n` fixed examples, with words and names of pretraining or with unseen ones. */
export async function probeAccuracy(
  model: T5,
  task: ProbeTask,
  words: 'seen' | 'unseen',
  n: number,
): Promise<number> {
  return exactMatch(model, probes(random('probes').fork(`${task}/${words}`), task, words, n));
}

/** The gate of copying: exact match on `n` fixed texts of one to three unseen names. */
export async function copyAccuracy(model: T5, n = 200): Promise<number> {
  const rng = random('copies');
  const pairs = Array.from({ length: n }, () => {
    const names = Array.from({ length: 1 + rng.integer(3) }, () => name(rng, unseenLexicon));
    return { source: `copy: ${names.join(' ')}`, target: names.join(' ') };
  });
  return exactMatch(model, pairs);
}

/** All skills of a model, each on `n` examples, copying on twice as many. */
export async function measureSkills(model: T5, n = 100): Promise<Skills> {
  const measured: [ProbeTask, { seen: number; unseen: number }][] = [];
  for (const task of probeTasks) {
    const seen = await probeAccuracy(model, task, 'seen', n);
    measured.push([task, { seen, unseen: await probeAccuracy(model, task, 'unseen', n) }]);
  }
  return {
    copyUnseenNames: await copyAccuracy(model, 2 * n),
    probes: Object.fromEntries(measured) as Skills['probes'],
  };
}
