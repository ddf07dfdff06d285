import type { References } from '../../src/metrics/metric';
import { type Random, random } from '../../src/tensor/random';

export type Corpus = { readonly hypotheses: readonly string[]; readonly references: References };

const plain = [
  'the',
  'The',
  'restaurant',
  'is',
  'near',
  'a',
  'Café',
  'rated',
  '5',
  'out',
  'of',
  'cheap',
  'x',
];
const hostile = [
  ...[
    '1,000.50',
    '.5',
    '5.',
    '3-4',
    '20-25',
    'a-b',
    '-',
    '--',
    '...',
    ',',
    ',,',
    '?!',
    "'s",
    "don't",
    '"x"',
    '/',
    '[a]',
  ],
  ...[
    '&quot;',
    '&amp;',
    '&amp;lt;',
    '&lt;b&gt;',
    '&',
    '<skipped>',
    '<skip',
    '-\n',
    '\n',
    '\r\n',
    '\t',
    '{~}',
    '`',
    '^_^',
  ],
  ...[
    '\u00a0',
    '\u0085',
    '\u001c',
    '\u001f',
    '\ufeff',
    '\u200b',
    '\u2003',
    '\u3000',
    '\u2028',
    '\u180e',
    '\u0000',
    '\u001b',
  ],
  ...[
    '😀',
    '👩‍👩‍👧',
    'e\u0301',
    'é',
    'ΣΑΣ',
    'ΟΔΟΣ.',
    'İ',
    'ß',
    'ǅ',
    '١٢٣',
    '５．５',
    '½',
    '²',
    '£20',
    '€',
    '+',
    '=',
    '©',
    '„x“',
    '。',
    '、',
    '中文',
    '«',
    '…',
  ],
];
function text(rng: Random, hostility: number): string {
  const length = rng.choice([0, 1, 2, 3, 4, 5, 8, 12, 25]);
  return Array.from({ length }, () => rng.choice(rng.uniform() < hostility ? hostile : plain)).join(
    rng.uniform() < 0.9 ? ' ' : '',
  );
}

/** A hypothesis that shares n-grams with a reference: some words dropped, one replaced, or the text itself. */
function imitate(rng: Random, reference: string, hostility: number): string {
  if (rng.uniform() < 0.3) return text(rng, hostility);
  return reference
    .split(' ')
    .filter(() => rng.uniform() > 0.1)
    .map((word) => (rng.uniform() < 0.1 ? rng.choice(plain) : word))
    .join(' ');
}

/** A random corpus of 1 to 6 items: empty and hostile texts, and references that are missing or of length 0. */
export function randomCorpus(rng: Random): Corpus {
  const items = 1 + rng.integer(6);
  const streams = 1 + rng.integer(4);
  const hostility = rng.choice([0, 0.2, 0.7]);
  const missing = rng.choice([0, 0.4]);
  const references = Array.from({ length: items }, () => {
    const present = rng.integer(streams);
    return Array.from({ length: streams }, (_, i) =>
      i !== present && rng.uniform() < missing ? null : text(rng, hostility),
    );
  });
  const hypotheses = references.map((item) =>
    imitate(rng, rng.choice(item.filter((t) => t !== null)), hostility),
  );
  return { hypotheses, references };
}

/** Random corpora, the same for a seed on every platform. */
export function randomCorpora(count: number, seed: number, name: string): Corpus[] {
  const rng = random(seed).fork(name);
  return Array.from({ length: count }, () => randomCorpus(rng));
}
