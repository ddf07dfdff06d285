import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { readTask } from '../../../src/tasks';
import { pretrainingExample, probes, seenLexicon, warmUpMixture } from '../../../src/tasks/mini';
import { words } from '../../../src/tasks/mini/lexicon';
import { sideOf } from '../../../src/tasks/mini/names';
import { pretrainingTaskNames, pretrainingTasks } from '../../../src/tasks/mini/pretraining';
import { downstreamDomains, isSeparate } from '../../../src/tasks/mini/separation';
import { spokenKey } from '../../../src/tasks/mini/slotKey';
import { splits } from '../../../src/tasks/task';
import { random } from '../../../src/tensor/random';

const shipped = join(__dirname, '../../../data/mini/e2e');
type Row = { readonly mr: string; readonly ref: string };
const rows = ['trainset.csv', 'devset.csv', 'testset_w_refs.csv'].flatMap((file): Row[] =>
  parse(readFileSync(join(shipped, file)), { columns: true }),
);
const slots = rows.flatMap(({ mr }) =>
  [...mr.matchAll(/([^,[]+)\[([^\]]+)\]/g)].map(([, key = '', value = '']) => ({ key: key.trim(), value })),
);
const keys = [...new Set(slots.map(({ key }) => key))].filter((key) => key !== 'name');
const names = [
  ...new Set(slots.filter(({ key }) => key === 'name' || key === 'near').map(({ value }) => value)),
];

/** What a reference says around its values, in pieces of at least four words (three are plain English: `It is a`). */
function fragments({ mr, ref }: Row): string[] {
  const values = [...mr.matchAll(/\[([^\]]+)\]/g)]
    .map((match) => match[1] ?? '')
    .filter((value) => value !== 'yes' && value !== 'no')
    .sort((a, b) => b.length - a.length);
  let text = ref;
  for (const value of values) text = text.replaceAll(value, '|');
  return text
    .split(/[|.,]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece.split(' ').length >= 4);
}
const templates = [...new Set(rows.flatMap(fragments))];

const rng = random('separation');
const texts = Array.from({ length: 20_000 }, (_, i) => {
  const { source, target } = pretrainingExample(rng, i % 4 === 0 ? warmUpMixture : undefined);
  return `${source}\n${target}`;
});
const all = texts.join('\n');

describe('20,000 examples of pretraining', () => {
  it('use no slot name of mini-e2e as a slot name', () => {
    expect(keys.sort()).toEqual(
      ['area', 'customer rating', 'eatType', 'familyFriendly', 'food', 'near', 'priceRange'].sort(),
    );
    const asKey = (key: string): boolean =>
      new RegExp(`(?:^|, |; |\\| )${key}(?:\\[| \\|| ?[:=] )`, 'm').test(all) ||
      new RegExp(`^what is the ${key}\\?`, 'm').test(all);
    expect(keys.filter(asKey)).toEqual([]);
    expect(['river', 'garden', 'song'].filter(asKey)).toEqual(['river', 'garden', 'song']);
  });

  it('use none of its phrasings', () => {
    expect(templates.length).toBeGreaterThan(15);
    expect(templates).toContain('It has a customer rating of');
    expect(templates.filter((template) => all.toLowerCase().includes(template.toLowerCase()))).toEqual([]);
  });

  it('use none of its values of several words', () => {
    const values = [...new Set(slots.map(({ value }) => value))].filter((value) => value.includes(' '));
    expect(values).toContain('city centre');
    expect(
      values.filter((value) => !names.includes(value) && new RegExp(`\\b${value}\\b`).test(all)),
    ).toEqual([]);
  });

  it('use none of its names, for every name has a word that pretraining cannot write', () => {
    expect(names.length).toBeGreaterThan(1200);
    for (const name of names) {
      const downstream = name.split(' ').filter((word) => word !== 'The' && sideOf(word) === 'downstream');
      expect(downstream.length, name).toBeGreaterThan(0);
    }
    const written = new Set(all.match(/[A-Z][a-z]+/g));
    expect(written.size).toBeGreaterThan(5000);
    expect(names.filter((name) => name.split(' ').every((word) => written.has(word)))).toEqual([]);
  });
});

describe('the domains of all downstream sets', () => {
  const domains = downstreamDomains.flatMap(({ keys, values, phrasings }) => [keys, values, phrasings]);

  it('name what they keep to themselves in several words, mini-e2e apart, so that single words stay free', () => {
    const [restaurants, ...others] = downstreamDomains;
    expect(restaurants?.keys).toContain('food');
    for (const { keys: own, values, phrasings } of others) {
      // A slot of the dialogue format is one word that English lacks, `nightrate`, or one of capitals, `BELL_FOUNDER`.
      for (const key of own)
        expect(/[a-z][A-Z]| |[A-Z_]{4}/.test(key) || !words.includes(key), key).toBe(true);
      for (const text of [...values, ...phrasings]) expect(text).toContain(' ');
    }
  });

  it('are absent from 20,000 examples of pretraining', () => {
    const several = domains.flat().filter((text) => text.includes(' ') && text !== 'there is a');
    expect(several.length).toBeGreaterThan(300);
    const any = several.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
    expect(new RegExp(`\\b(?:${any})\\b`, 'i').exec(all)?.[0]).toBeUndefined();
  });

  it('cost pretraining less than one example in a hundred', () => {
    const drawn = Array.from({ length: 5000 }, (_, i) => {
      const task = pretrainingTaskNames[i % pretrainingTaskNames.length] ?? 'copy';
      return pretrainingTasks[task](rng, seenLexicon);
    });
    const refused = drawn.filter(({ source, target }) => !(isSeparate(source) && isSeparate(target)));
    expect(refused.length / drawn.length).toBeLessThan(0.01);
  });
});

/** Runs of words and numbers of a length, in lower case and without marks. */
function runs(text: string, length: number): string[] {
  const found = text.toLowerCase().match(/[\p{L}\p{N}£]+/gu) ?? [];
  return Array.from({ length: Math.max(0, found.length - length + 1) }, (_, i) =>
    found.slice(i, i + length).join(' '),
  );
}

describe('the six sets as they are shipped', () => {
  const sets = ['e2e', 'webnlg', 'dart', 'summarization', 'dialogue', 'questions'];
  const examples = sets.flatMap((set) => splits.flatMap((split) => readTask(`mini-${set}`, split)));

  it('share no five words in a row with 8,000 examples of pretraining', () => {
    const downstream = new Set(
      examples.flatMap(({ source, references }) => [source, ...references]).flatMap((text) => runs(text, 5)),
    );
    expect(downstream.size).toBeGreaterThan(50_000);
    const shared = texts
      .slice(0, 8000)
      .flatMap((text) => runs(text, 5))
      .filter((run) => downstream.has(run));
    expect([...new Set(shared)]).toEqual([]);
  });

  it('name no property that their domains do not keep', () => {
    const reserved = new Set(downstreamDomains.flatMap((domain) => domain.keys.map(spokenKey)));
    const properties = examples.flatMap(({ source }) =>
      source.includes(' | ') ? source.split(' && ').map((triple) => triple.split(' | ')[1] ?? '') : [],
    );
    expect(new Set(properties).size).toBeGreaterThan(40);
    expect([...new Set(properties)].filter((property) => !reserved.has(property))).toEqual([]);
    const slotNames = examples.flatMap(({ meta }) =>
      typeof meta['act'] === 'string'
        ? [...meta['act'].matchAll(/;(\w+)=/g)].map(([, slot]) => slot ?? '')
        : [],
    );
    expect(new Set(slotNames).size).toBeGreaterThan(10);
    expect([...new Set(slotNames)].filter((slot) => !reserved.has(slot))).toEqual([]);
  });
});

describe('isSeparate', () => {
  it('refuses what belongs to a downstream set and nothing else', () => {
    for (const text of [
      'what is the eat type? name[X], river[1]',
      'describe say has: X | food | Greek',
      'food = serves * dishes ; say : name[X]',
      'name : X ; near : Y',
      'X is in the city centre.',
      'X has a customer rating of 2.',
      'X | lampKeeper | Y',
      'what is the lamp keeper? X | river | Y',
      'name[X], nightrate[4]',
      'X | STROKE_RATE | 4',
      'X has a stroke rate of 4.',
      'X is in short turf.',
      'X sails at the word of Y.',
    ]) {
      expect(isSeparate(text), text).toBe(false);
    }
    for (const text of [
      'X serves food near the area.',
      'name[X], foodRiver[Greek]',
      'what is the food river? X',
    ]) {
      expect(isSeparate(text), text).toBe(true);
    }
  });
});

describe('probes', () => {
  it('give examples of a skill with seen words or with names and words that pretraining never wrote', () => {
    const seen = probes(random(1), 'copy', 'seen', 50);
    const unseen = probes(random(1), 'copy', 'unseen', 50);
    expect(seen).toHaveLength(50);
    expect(unseen.map(({ target }) => target)).not.toEqual(seen.map(({ target }) => target));
    const capitals = unseen.flatMap(({ target }) => target.match(/\b[A-Z][a-z]+/g) ?? []);
    expect(capitals.length).toBeGreaterThan(20);
    expect(probes(random(1), 'ask', 'unseen', 5)).toEqual(probes(random(1), 'ask', 'unseen', 5));
  });
});
