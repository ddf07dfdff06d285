import { random } from '../../src/tensor/random';

const ranges: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x61, 0x7a],
  [0x00, 0x1f],
  [0x7f, 0x24f],
  [0x300, 0x36f],
  [0x370, 0x5ff],
  [0x600, 0x6ff],
  [0x900, 0xe80],
  [0x1100, 0x11ff],
  [0x1e00, 0x1fff],
  [0x2000, 0x206f],
  [0x2070, 0x2bff],
  [0x3000, 0x33ff],
  [0xac00, 0xd7a3],
  [0xf900, 0xfdff],
  [0xfe00, 0xfeff],
  [0xff00, 0xffef],
  [0x10000, 0x10ffff],
  [0x1d400, 0x1d7ff],
  [0x1f1e6, 0x1f1ff],
  [0x1f300, 0x1faff],
  [0xe0020, 0xe007f],
];
const fragments: readonly string[] = [
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\t',
  '\u00a0',
  '\u0085',
  '\u2028',
  '\u3000',
  '\ufeff',
  '\u200b',
  '\u200d',
  '\ufe0f',
  '▁',
  '▁▁',
  '\ufffd',
  'e\u0301',
  '\u0600a',
  '👩\u200d👩\u200d👧',
  '👍🏽',
  '<extra_id_0>',
  '<extra_id_7>',
  '<extra_id_99>',
  '<extra_id_100>',
  '<extra_id_',
  '</s>',
  '<unk>',
  '<pad>',
  '<0x41>',
  'the',
  'The Eagle',
  'name[The Eagle], food[French]',
  "it's",
  '3.5',
  '£20-25',
  'aaaaaaaaa',
  'hahahahaha',
  '...',
  '½',
  'ﬁ',
  'İ',
  'ΑΣ',
];

/** Seeded texts that tokenizers stumble over; the same for a seed on every platform. */
export function hostileTexts(count: number, seed: string): string[] {
  const rng = random(`hostile texts/${seed}`);
  const codePoint = ([first, last]: readonly [number, number]): string =>
    String.fromCodePoint(first + rng.integer(last - first + 1));
  return Array.from({ length: count }, () => {
    const pools = Array.from({ length: 1 + rng.integer(4) }, () => rng.choice(ranges));
    return Array.from({ length: rng.integer(25) }, () =>
      rng.uniform() < 0.25 ? rng.choice(fragments) : codePoint(rng.choice(pools)),
    ).join('');
  });
}

/** A word of 10,000 characters or one character 10,000 times, which must not take time that grows with its square. */
export const longTexts: readonly string[] = [
  'a'.repeat(10_000),
  'abcxyz'.repeat(1_700),
  'é'.repeat(10_000),
  'e\u0301'.repeat(10_000),
  '😀'.repeat(10_000),
  '<extra_id_0>'.repeat(1_000),
  ' '.repeat(10_000),
  ' a'.repeat(5_000),
  '▁'.repeat(10_000),
  'banana'.repeat(2_000),
  '0'.repeat(10_000),
];
