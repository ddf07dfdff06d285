import { describe, expect, it } from 'vitest';
import {
  defaultMixture,
  pretrainingExample,
  pretrainingTaskNames,
  warmUpMixture,
  type PretrainingExample,
} from '../../../src/tasks/mini';
import { graphStyles } from '../../../src/tasks/mini/graphs';
import { heldOutVerbs, heldOutWords, words } from '../../../src/tasks/mini/lexicon';
import { plainPatternNames, styles } from '../../../src/tasks/mini/patterns';
import { spokenKey } from '../../../src/tasks/mini/slotKey';
import { random } from '../../../src/tensor/random';

const draw = (seed: number, n: number, mixture = defaultMixture): PretrainingExample[] => {
  const rng = random(seed);
  return Array.from({ length: n }, () => pretrainingExample(rng, mixture));
};

/** A record's slots in any of its notations, the subject under `name`. */
function record(text: string): Map<string, string> {
  if (text.startsWith('name[')) {
    return new Map(
      [...text.matchAll(/([^[\]]+)\[([^\]]*)\](?:, |$)/g)].map(([, key = '', value = '']) => [key, value]),
    );
  }
  if (text.startsWith('tell(')) {
    const slots = text.slice('tell('.length, -1).split(';');
    return new Map(
      slots.map((slot) => slot.replace(/^([^=]*)='(.*)'$/, '$1=$2').split('=') as [string, string]),
    );
  }
  if (text.startsWith('name : '))
    return new Map(text.split(' ; ').map((slot) => slot.split(' : ') as [string, string]));
  const triples = text.split(' && ').map((triple) => triple.split(' | '));
  return new Map([
    ['name', triples[0]?.[0] ?? ''],
    ...triples.map(([, key = '', value = '']): [string, string] => [key, value]),
  ]);
}

/** A text with a value in its hole, the article before it by the value's first letter. */
const filled = (text: string, hole: string, value: string): string =>
  text
    .replace(` a ${hole}`, () => (/^[aeiou]/i.test(value) ? ` an ${value}` : ` a ${value}`))
    .replace(/^a \*/, () => (/^[aeiou]/i.test(value) ? `an ${value}` : `a ${value}`))
    .replace(hole, () => value);

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
      source: 'copy: fall krubime',
      target: 'fall krubime',
    });
  });

  it('draws tasks by their weights', () => {
    const n = 6000;
    for (const mixture of [defaultMixture, warmUpMixture]) {
      const examples = draw(13, n, mixture);
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

  it('shows every style, every plain pattern and every notation of records', () => {
    const examples = draw(11, 12_000);
    const sources = examples.map(({ source }) => source).join('\n');
    for (const style of styles) expect(sources).toMatch(new RegExp(`^describe ${style} `, 'm'));
    for (const style of styles) expect(sources).toMatch(new RegExp(` ; ${style}(?: ordered)? : `, 'm'));
    for (const plain of plainPatternNames)
      expect(sources).toMatch(new RegExp(`^describe \\w+ ${plain}: `, 'm'));
    for (const style of graphStyles)
      expect(sources).toMatch(new RegExp(`^describe ${style} \\w+: .* && `, 'm'));
    for (const mark of [
      ': name[',
      ' && ',
      ' : name : ',
      ': tell(name=',
      '[SHEET] | [HEAD] | ',
      ' (',
      '{name}',
    ])
      expect(sources).toContain(mark);
    for (const act of ['tell', 'seek', 'check', 'refuse', 'propose'])
      expect(sources).toMatch(new RegExp(`reply : .*\\b${act}\\(`));
    const targets = examples.map(({ target }) => target).join('\n');
    for (const shape of [
      'What does',
      'What did',
      'Which',
      'In which',
      'Who was',
      'Who did',
      'Where is',
      'Where does',
    ])
      expect(targets).toMatch(new RegExp(`^${shape} .*\\?$`, 'm'));
    for (const gist of [' wants ', ' will not ', ' can .* for ', '^the .* of .* is ']) {
      const found = examples.some(({ task, target }) => task === 'summary' && new RegExp(gist).test(target));
      expect(found, gist).toBe(true);
    }
  });

  it('has records of up to seven slots, short ones most often', () => {
    const counts = draw(12, 3000, { template: 1 }).map(
      ({ source }) => record(source.slice(source.indexOf(' : ') + 3)).size - 1,
    );
    expect(Math.max(...counts)).toBe(7);
    expect(counts.filter((count) => count <= 3).length / counts.length).toBeGreaterThan(0.6);
  });

  it('follows patterns given in the prefix', () => {
    for (const { source, target } of draw(6, 600, { template: 1 })) {
      const [head = '', ...rest] = source.split(' : ');
      const patterns = new Map(
        head
          .split(' ; ')
          .slice(0, -1)
          .map((part) => part.split(' = ') as [string, string]),
      );
      const told: string[] = [];
      for (const [key, value] of record(rest.join(' : '))) {
        if (key === 'name') {
          expect(target).toContain(value);
          continue;
        }
        const pattern = patterns.get(`${key} ${value}`) ?? patterns.get(key);
        expect(pattern, source).toBeDefined();
        told.push(filled(pattern ?? '', '*', value));
      }
      const order = head.endsWith(' ordered')
        ? [...patterns.keys()].map((key) => key.split(' ')[0])
        : undefined;
      let at = -1;
      if (order !== undefined) told.sort((a, b) => target.indexOf(a) - target.indexOf(b));
      for (const phrase of told) {
        expect(target.indexOf(phrase), `${source}\n${target}`).toBeGreaterThan(-1);
        if (order === undefined && told.every((one) => target.split(one).length === 2)) {
          expect(target.indexOf(phrase)).toBeGreaterThan(at);
          at = target.indexOf(phrase);
        }
      }
    }
  });

  it('fills frames, without the optional parts that have no value', () => {
    for (const { source, target } of draw(6, 600, { frame: 1 })) {
      const end = source.indexOf(' : ');
      const values = record(source.slice(end + 3));
      let text = source.slice('write '.length, end);
      for (const [key, value] of values) text = filled(text, `{${key}}`, value);
      expect(target).toBe(text.replace(/ \([^()]*\{[^()]*\)/g, '').replace(/[()]/g, ''));
    }
  });

  it('shows in an example all that its imitation needs', () => {
    let imitated = 0;
    for (const { source, target } of draw(6, 1000, { demo: 1 })) {
      const [shown = '', text = '', asked = ''] = source
        .replace(/ =>$/, '')
        .split(/ => | ; (?=[^;]*(?: ; [^;:]* : [^;]*)*$)/);
      if (!shown.startsWith('name[')) continue;
      const [before, after] = [record(shown), record(asked)];
      if (before.size !== after.size) continue;
      imitated++;
      let expected = text;
      for (const [key, value] of before) expected = expected.replaceAll(value, () => `{${key}}`);
      for (const [key, value] of after)
        expected = expected
          .replace(/ an? \{/g, ' a {')
          .replaceAll(` a {${key}}`, () => filled(` a *`, '*', value));
      for (const [key, value] of after) expected = expected.replaceAll(`{${key}}`, () => value);
      expect(target, source).toBe(expected);
    }
    expect(imitated).toBeGreaterThan(200);
  });

  it('asks, answers and copies what stands in the source', () => {
    for (const { source, target } of draw(6, 300, { copy: 1 })) expect(source).toBe(`copy: ${target}`);
    for (const { source, target } of draw(6, 500, { ask: 1 })) {
      const [, key = '', told = ''] = /^what is the (.*?)\? (.*)$/.exec(source) ?? [];
      const spoken = [...record(told)].map(([name, value]) => [spokenKey(name), value] as const);
      expect(spoken.filter(([name]) => name === key)).toEqual([[key, target]]);
    }
    for (const { source, target } of draw(6, 500, { question: 1 })) {
      const [, mode = '', asked = '', text = ''] = /^(question for|answer) (.*?) : (.*)$/.exec(source) ?? [];
      const answer = mode === 'answer' ? target : asked;
      expect(text.split(answer)).toHaveLength(2);
      expect(mode === 'answer' ? asked : target).toMatch(/^[A-Z].*\?$/);
    }
  });

  it('parses sentences whose parts can be told apart', () => {
    const starts = / (?:has an?|whose|its|having|owns|where|with an?|counts) /g;
    for (const { source, target } of draw(6, 600, { parse: 1 })) {
      const text = source.slice(source.indexOf(': ') + 1);
      expect(text.match(starts)?.length, source).toBe(record(target).size - 1);
    }
  });

  it('chains facts: each is told of its own subject, and a table by its title', () => {
    let nested = 0;
    for (const { source, target } of draw(6, 600, { chain: 1 })) {
      const triples = source
        .slice(source.lastIndexOf(' ; ') < 0 ? source.search(/[?:] /) + 2 : source.lastIndexOf(' : ') + 3)
        .split(' && ')
        .map((fact) => fact.split(' | '));
      expect(
        triples.every((triple) => triple.length === 3),
        source,
      ).toBe(true);
      const head = triples[0]?.[1] === '[HEAD]' ? triples[0][2] : undefined;
      const facts = head === undefined ? triples : triples.slice(1);
      expect(facts.length).toBeGreaterThan(1);
      if (source.startsWith('what is')) {
        const asked = facts.filter(([subject = '', key = '']) =>
          source.startsWith(`what is the ${spokenKey(key)} of ${subject === '[SHEET]' ? head : subject}?`),
        );
        expect(asked.map(([, , value]) => value)).toEqual([target]);
        continue;
      }
      expect(target).toMatch(/^[^[]*[^,[]\.$/);
      expect(target).not.toContain(',,');
      for (const value of facts.map((fact) => fact[2] ?? '')) expect(target).toContain(value);
      if (/, which .*/.test(target) && source.includes('nest')) nested++;
    }
    expect(nested).toBeGreaterThan(20);
  });

  it('performs acts in the words given for them', () => {
    for (const { source, target } of draw(6, 500, { act: 1 })) {
      const [head = '', acts = ''] = source.split('reply : ');
      const given = head
        .split(' ; ')
        .flatMap((part) => (part === '' ? [] : [part.split(' = ') as [string, string]]));
      for (const [who, words] of given) {
        const [kind = '', ...key] = who.split(' ');
        const list = acts.split(' , ').find((act) => act.startsWith(`${kind}(`)) ?? '';
        const argument = list
          .slice(kind.length + 1, -1)
          .split(';')
          .map((one) => one.split('='))
          .find(([name]) => name === key.join(' '));
        expect(argument, source).toBeDefined();
        expect(target).toContain(filled(words, '*', argument?.[1]?.replace(/^'(.*)'$/, '$1') ?? ''));
      }
    }
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
