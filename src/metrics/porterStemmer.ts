const irregular: Readonly<Record<string, string>> = {
  sky: 'sky',
  skies: 'sky',
  dying: 'die',
  lying: 'lie',
  tying: 'tie',
  news: 'news',
  innings: 'inning',
  inning: 'inning',
  outings: 'outing',
  outing: 'outing',
  cannings: 'canning',
  canning: 'canning',
  howe: 'howe',
  proceed: 'proceed',
  exceed: 'exceed',
  succeed: 'succeed',
};

/** For each letter whether it is a consonant: no vowel, and a y only at the start or after a vowel. */
function consonants(word: string): boolean[] {
  const flags: boolean[] = [];
  for (const [i, letter] of [...word].entries())
    flags.push(letter === 'y' ? i === 0 || flags[i - 1] === false : !'aeiou'.includes(letter));
  return flags;
}

/** How often a vowel is followed by a consonant. */
function measure(stem: string): number {
  const flags = consonants(stem);
  return flags.filter((isConsonant, i) => isConsonant && flags[i - 1] === false).length;
}

const hasVowel = (stem: string): boolean => consonants(stem).includes(false);

const endsDouble = (word: string): boolean => {
  const letters = [...word];
  return letters.length >= 2 && letters.at(-1) === letters.at(-2) && consonants(word).at(-1) === true;
};

/** Ends in consonant, vowel, consonant other than w, x, y; or is a vowel and a consonant. */
function endsShort(word: string): boolean {
  const flags = consonants(word);
  const [before, middle, last] = [flags.at(-3), flags.at(-2), flags.at(-1)];
  if (flags.length === 2) return middle === false && last === true;
  return before === true && middle === false && last === true && !/[wxy]$/.test(word);
}

type Suffix = readonly [suffix: string, by: string, allowed?: (stem: string) => boolean];

/** The first suffix that the word has is replaced if its stem allows it; no other is tried. */
function replaceSuffix(word: string, suffixes: readonly Suffix[]): string {
  const found = suffixes.find(([suffix]) => word.endsWith(suffix));
  if (found === undefined) return word;
  const [suffix, by, allowed] = found;
  const stem = word.slice(0, word.length - suffix.length);
  return allowed === undefined || allowed(stem) ? stem + by : word;
}

const over0 = (stem: string): boolean => measure(stem) > 0;
const over1 = (stem: string): boolean => measure(stem) > 1;
const suffixes = (text: string, allowed: (stem: string) => boolean): Suffix[] =>
  text.split(' ').map((pair) => {
    const [suffix = '', by = ''] = pair.split('>');
    return [suffix, by, allowed];
  });

function plurals(word: string): string {
  if (word.endsWith('ies') && [...word].length === 4) return `${word.slice(0, -3)}ie`;
  return replaceSuffix(word, [
    ['sses', 'ss'],
    ['ies', 'i'],
    ['ss', 'ss'],
    ['s', ''],
  ]);
}

function pastAndProgressive(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, -3) + ([...word].length === 4 ? 'ie' : 'i');
  if (word.endsWith('eed')) return replaceSuffix(word, [['eed', 'ee', over0]]);
  const suffix = ['ed', 'ing'].find((one) => word.endsWith(one) && hasVowel(word.slice(0, -one.length)));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsDouble(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function finalY(word: string): string {
  return replaceSuffix(word, [
    ['y', 'i', (stem) => [...stem].length > 1 && consonants(stem).at(-1) === true],
  ]);
}

const derived: readonly Suffix[] = [
  ...suffixes(
    'ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble alli>al entli>ent eli>e ousli>ous ization>ize ation>ate ' +
      'ator>ate alism>al iveness>ive fulness>ful ousness>ous aliti>al iviti>ive biliti>ble fulli>ful',
    over0,
  ),
  ['logi', 'log', (stem) => over0(`${stem}l`)],
];

function derivation(word: string): string {
  if (word.endsWith('alli') && over0(word.slice(0, -4))) return derivation(word.slice(0, -2));
  return replaceSuffix(word, derived);
}

const adjectives = suffixes('icate>ic ative> alize>al iciti>ic ical>ic ful> ness>', over0);
const remaining: readonly Suffix[] = [
  ...suffixes('al ance ence er ic able ible ant ement ment ent', over1),
  ['ion', '', (stem) => over1(stem) && /[st]$/.test(stem)],
  ...suffixes('ou ism ate iti ous ive ize', over1),
];

function finalE(word: string): string {
  if (!word.endsWith('e')) return word;
  const stem = word.slice(0, -1);
  const size = measure(stem);
  return size > 1 || (size === 1 && !endsShort(stem)) ? stem : word;
}

function finalL(word: string): string {
  return word.endsWith('ll') && over1(word.slice(0, -1)) ? word.slice(0, -1) : word;
}

const stems = new Map<string, string>();
const cacheSize = 100_000;

/**
 * A word's stem, equal to NLTK's Porter stemmer with NLTK's extensions, which rouge-score and its METEOR use.
 *
 * Reference: Porter 1980, "An algorithm for suffix stripping"; NLTK 3.10, `nltk.stem.porter`.
 */
export function porterStem(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const lower = word.toLowerCase();
  const stem =
    (Object.hasOwn(irregular, lower) ? irregular[lower] : undefined) ??
    ([...word].length <= 2
      ? lower
      : [
          plurals,
          pastAndProgressive,
          finalY,
          derivation,
          (text: string) => replaceSuffix(text, adjectives),
          (text: string) => replaceSuffix(text, remaining),
          finalE,
          finalL,
        ].reduce((text, step) => step(text), lower));
  if (stems.size >= cacheSize) stems.clear();
  stems.set(word, stem);
  return stem;
}
