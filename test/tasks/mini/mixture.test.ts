import { describe, expect, it } from 'vitest';
import {
  defaultMixture,
  pretrainingExample,
  pretrainingTaskNames,
  warmUpMixture,
  type PretrainingExample,
} from '../../../src/tasks/mini';
import { heldOutVerbs, heldOutWords, words } from '../../../src/tasks/mini/lexicon';
import { random } from '../../../src/tensor/random';

const draw = (seed: number, n: number, mixture = defaultMixture): PretrainingExample[] => {
  const rng = random(seed);
  return Array.from({ length: n }, () => pretrainingExample(rng, mixture));
};

/** Words and marks, close to the number of pieces for words that the tokenizer knows. */
const size = (text: string): number => text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0;

describe('the lexicon', () => {
  it('has at least 1,200 words, mostly of three to seven letters, and keeps the held-out ones apart', () => {
    expect(words.length).toBeGreaterThanOrEqual(1200);
    const short = words.filter((word) => word.length >= 3 && word.length <= 7);
    expect(short.length / words.length).toBeGreaterThan(0.9);
    const known = new Set(words);
    expect([...heldOutWords, ...heldOutVerbs].filter((word) => known.has(word))).toEqual([]);
    expect(heldOutWords.length).toBeGreaterThanOrEqual(200);
  });
});

describe('pretrainingExample', () => {
  it('is a function of the seed', () => {
    expect(draw(7, 200)).toEqual(draw(7, 200));
    expect(draw(7, 20)).not.toEqual(draw(8, 20));
    expect(draw(1, 1, { copy: 1 })[0]).toEqual({
      task: 'copy',
      source: 'copy: duck Woumo Plul finish The Vidur The Cler',
      target: 'duck Woumo Plul finish The Vidur The Cler',
    });
  });

  it('draws tasks by their weights', () => {
    const n = 6000;
    for (const mixture of [defaultMixture, warmUpMixture]) {
      const examples = draw(3, n, mixture);
      for (const task of pretrainingTaskNames) {
        const share = examples.filter((example) => example.task === task).length / n;
        expect(Math.abs(share - (mixture[task] ?? 0) / 100)).toBeLessThan(0.02);
      }
    }
  });

  it('stays short: sources of at most 110 and targets of at most 60 words and marks, but for one in a hundred', () => {
    const examples = draw(4, 5000);
    const long = examples.filter(({ source, target }) => size(source) > 110 || size(target) > 60);
    expect(long.length / examples.length).toBeLessThan(0.01);
  });

  it('never uses a held-out word', () => {
    const heldOut = new Set([...heldOutWords, ...heldOutVerbs]);
    for (const { source, target } of draw(5, 4000)) {
      const found = `${source} ${target}`.match(/[A-Za-z]+/g) ?? [];
      expect(found.filter((word) => heldOut.has(word))).toEqual([]);
    }
  });

  it('follows patterns, styles and questions as its prefix says', () => {
    for (const { source, target } of draw(6, 500, { template: 1 })) {
      const end = source.indexOf(' : ');
      const head = source.slice(0, end);
      const record = source.slice(end);
      const patterns = new Map(
        head
          .split(' ; ')
          .slice(0, -1)
          .map((part) => part.split(' = ') as [string, string]),
      );
      for (const [, key = '', value = ''] of record.matchAll(/, ([^,[]+)\[([^\]]*)\]/g)) {
        const pattern = patterns.get(key);
        expect(pattern).toBeDefined();
        expect(target).toContain(pattern?.replace('*', () => value));
      }
    }
    for (const { source, target } of draw(6, 300, { copy: 1 })) expect(source).toBe(`copy: ${target}`);
    for (const { source, target } of draw(6, 300, { ask: 1 })) expect(source).toContain(target);
  });

  it('corrupts spans so that source and target together give the text back', () => {
    for (const { source, target } of draw(9, 500, { span: 1 })) {
      const spans = target.split(/<extra_id_\d>/).slice(1);
      expect(spans.at(-1)).toBe('');
      const restored = source.replace(
        /<extra_id_(\d)>/g,
        (_, id: string) => spans[Number(id)]?.trim() ?? '?',
      );
      expect(restored).not.toContain('?');
      expect(restored).toMatch(/ => .*\.$/);
      expect(source).toContain('<extra_id_0>');
    }
  });

  it('makes at least 5,000 examples a second of processor time', () => {
    const start = process.cpuUsage();
    draw(10, 10_000);
    const { user, system } = process.cpuUsage(start);
    expect(10_000 / ((user + system) / 1e6)).toBeGreaterThan(5000);
  });
});
