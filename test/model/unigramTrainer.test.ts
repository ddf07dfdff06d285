import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors';
import { createTokenizer } from '../../src/model/tokenizer';
import { trainUnigram, unigramTrainerDefaults } from '../../src/model/unigramTrainer';
import { sentences } from '../fixtures/tokenizer/sentences';

const texts = sentences(400);
const settings = { vocabulary: 320, extraIds: 8 };
const config = trainUnigram(texts, settings);
const { vocab } = config.model;
const tokenizer = createTokenizer(config);
const encode = (text: string): number[] => tokenizer.encode(text);
const shown = (text: string): string =>
  encode(text)
    .map((id) => vocab[id]?.[0])
    .join(' ');

describe('a trained vocabulary', () => {
  test('is the same on every platform and whatever the texts’ order', () => {
    const stored: unknown = JSON.parse(
      readFileSync(join(__dirname, '..', 'fixtures', 'tokenizer', 'present.json'), 'utf8'),
    );
    expect({ version: '1.0', truncation: null, padding: null, ...config }).toEqual(stored);
    expect(trainUnigram(texts.toReversed(), settings)).toEqual(config);
  });

  test('starts with the special tokens, then falls in score', () => {
    const specials = ['<pad>', '</s>', '<unk>', ...Array.from({ length: 8 }, (_, i) => `<extra_id_${i}>`)];
    expect(vocab.slice(0, specials.length).map(([piece]) => piece)).toEqual(specials);
    expect(config.added_tokens.map(({ id, content }) => [id, content])).toEqual([...specials.entries()]);
    const scores = vocab.slice(specials.length).map(([, score]) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(new Set(vocab.map(([piece]) => piece)).size).toBe(vocab.length);
    expect(vocab.length).toBeGreaterThan(300);
    expect(vocab.length).toBeLessThanOrEqual(320);
    const mass = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    expect(mass).toBeGreaterThan(0.9);
    expect(mass).toBeLessThan(1.01);
  });

  test('holds every character of the alphabet and the texts, and every mark', () => {
    const pieces = new Set(vocab.map(([piece]) => piece));
    const needed = [...unigramTrainerDefaults.initialAlphabet, ...texts.join('').replaceAll(' ', '')];
    expect(needed.filter((character) => !pieces.has(character))).toEqual([]);
    expect([...'[](){},.;:|=>?!&"'].filter((mark) => !pieces.has(`▁${mark}`))).toEqual([]);
    expect(encode('Quuxly Zyx-9 £7').includes(2)).toBe(false);
  });

  test('learns frequent words whole and splits rare ones', () => {
    const whole = ['▁serves', '▁French', '▁riverside', '▁priceRange', '▁the', '▁area'];
    const pieces = new Set(vocab.map(([piece]) => piece));
    expect(whole.filter((piece) => !pieces.has(piece))).toEqual([]);
    const names = [...new Set(texts.map((text) => /The (\w+)/.exec(text)?.[1] ?? ''))];
    const lengths = names.map((name) => encode(name).length - 1);
    expect(names.length).toBeGreaterThan(200);
    expect(lengths.reduce((sum, length) => sum + length, 0) / names.length).toBeLessThan(4);
    expect(lengths.filter((length) => length > 1).length).toBeGreaterThan(100);
  });

  test('does not take special tokens in the texts for words', () => {
    const trained = trainUnigram(
      texts.map((text) => `<extra_id_0> ${text}</s>`),
      settings,
    );
    expect(trained.model).toEqual(config.model);
  });

  test('must have room for characters and special tokens', () => {
    expect(() => trainUnigram(texts, { vocabulary: 50 })).toThrow(ConfigError);
    expect(() => trainUnigram(texts, { vocabulary: 50 })).toThrow(
      /^trainUnigram: vocabulary must hold 103 special tokens and \d+ characters and marks; found 50$/,
    );
  });

  test('is smaller where the texts offer no more', () => {
    const few = trainUnigram(['ab ab'], { vocabulary: 4000, extraIds: 0, initialAlphabet: '' });
    expect(few.model.vocab.map(([piece]) => piece)).toContain('▁ab');
    expect(few.model.vocab.length).toBeLessThan(60);
  });

  test('a megabyte trains in well under 30 seconds', () => {
    const many = sentences(16_000);
    const start = performance.now();
    const trained = trainUnigram(many, { vocabulary: 2000 });
    expect(many.join('\n').length).toBeGreaterThan(1e6);
    expect(trained.model.vocab.length).toBeLessThanOrEqual(2000);
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});

describe('the mini tokenizer', () => {
  test('gives a name the same ids wherever it stands', () => {
    const name = encode('The Brotal').slice(0, -1);
    const marks = ['name[The Brotal], food[French]', 'Is it The Brotal?', '(The Brotal)', 'near:The Brotal.'];
    for (const text of [...marks, 'name[ The Brotal ]', 'x The\n  Brotal'])
      expect(` ${encode(text).join(' ')} `, text).toContain(` ${name.join(' ')} `);
    expect(shown('area[riverside], food[French]')).toBe('▁area ▁[ ▁riverside ▁] ▁, ▁food ▁[ ▁French ▁] </s>');
  });

  test('ends with the end token', () => {
    expect(encode('')).toEqual([1]);
    expect(encode('the').at(-1)).toBe(1);
    expect(encode('a<extra_id_3>b').slice(-3, -2)).not.toEqual([]);
    expect(shown('the<extra_id_3>the')).toBe('▁the <extra_id_3> ▁the </s>');
  });

  test.each([
    'The Brotal serves French food in the city centre; it is £3.50.',
    'name[The Brotal], priceRange[£20-25], area[old town]',
    'Is it open at 10:30? Yes (always)! 1,000 or more: "x" & y | z => w',
    "it's kid-friendly, 5 out of 5.",
  ])('plain text comes back as it was: %s', (text) => {
    expect(tokenizer.decode(encode(text))).toBe(text.replace('"x"', '" x "'));
  });

  test('reads spaces of any number and kind alike', () => {
    expect(encode(' The\tBrotal ,\n\u00a0food ')).toEqual(encode('The Brotal, food'));
  });

  test('reads decomposed and compatibility characters as their plain forms', () => {
    expect(encode('Cafe\u0301 ﬁsh')).toEqual(encode('Café fish'));
  });
});
