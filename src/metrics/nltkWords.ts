import { unicodeSpace, words } from './whitespace';

/** The abbreviations that NLTK's English Punkt model (nltk_data, `punkt_tab`) knows; a period after one ends no sentence. */
const abbreviations = new Set(
  `ct m.j t a.c n.h ms p.a.m dr pa p.m u.k st dec u.s.a lt g.k adm p h.m ga tenn yr sen n.c j.j d.h s.g inc vs s.p.a a.t n
  feb sr jan s.a.y n.y col g.f c.o.m.b d ft va r.k e.f chg r.i a.g minn a.h k n.j m l.f f.j gen i.m.s s.a aug j.p okla m.d.c
  ltd oct s vt r.a j.c ariz w.w b.v ore h w.r e.h mrs cie corp w n.v a.d r.j ok e.m w.c ill nov u.s prof conn u.s.s.r mg f.g
  ph.d g calif messrs h.f wash tues sw bros u.n l wis mr sep d.c ave e.l co s.s reps c r.t h.c r wed a.s v fla jr r.h c.v
  m.b.a rep a.a e c.i.t l.a b.f j.b d.w j.k ala f w.va sept mich n.m j.r l.p s.c colo fri a.m g.d kan maj ky a.m.e n.d t.j
  cos nev`.split(/\s+/),
);
/** Words that start a sentence even after an abbreviation. */
const starters = new Set(
  'the a an it its he his she her they their there this that these those in on at by but and for from with'.split(
    ' ',
  ),
);

/** Whether a word that ends in a period ends a sentence before the next word. */
function endsSentence(word: string, next: string): boolean {
  const bare = word.slice(0, -1).toLowerCase();
  if (bare === '' || bare.endsWith('.')) return false;
  const isInitial = /^\p{L}$/u.test(bare);
  const isAbbreviation = abbreviations.has(bare) || abbreviations.has(bare.slice(bare.lastIndexOf('-') + 1));
  if (!isInitial && !isAbbreviation) return true;
  const first = next.replace(/^[^\p{L}]+/u, '');
  return /^\p{Lu}/u.test(first) && starters.has(first.toLowerCase());
}

/**
 * Sentences as NLTK's `sent_tokenize` cuts them, near enough: after ! and ?, and after a period unless an abbreviation or an
 * initial carries it. Punkt also weighs how words are spelt in its training text, which is not kept here.
 */
function sentences(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const match of text.matchAll(/(\S*[.!?])(["'”’»)\]}]*)\s+(?=(\S+))/gu)) {
    const [all, word = '', , next = ''] = match;
    if (word.endsWith('.') && !endsSentence(word, next)) continue;
    found.push(text.slice(start, match.index + all.length));
    start = match.index + all.length;
  }
  return [...found, text.slice(start)];
}

const letter = '[\\p{L}\\p{N}_]';
const bound = `(?:(?<=${letter})(?!${letter})|(?<!${letter})(?=${letter}))`;

/** NLTK's rules in their order: opening quotes, punctuation, brackets, dashes. */
const opening: readonly (readonly [RegExp, string])[] = [
  [/([«“‘„]|`+)/gu, ' $1 '],
  [/^"/u, '``'],
  [/``/gu, ' `` '],
  [/([ ([{<])("|'{2})/gu, '$1 `` '],
  [new RegExp(`(?<!${letter})(')(?!(?:re|ve|ll|m|t|s|d|n)${bound})(?=${letter})`, 'giu'), '$1 '],
  [new RegExp(`([^.])(\\.)([\\])}>"'»”’ ]*)${unicodeSpace}*$`, 'u'), '$1 $2 $3 '],
  [/([:,])([^\p{Nd}])/gu, ' $1 $2'],
  [/([:,])$/gu, ' $1 '],
  [/\.{2,}/gu, ' $& '],
  [/[;@#$%&]/gu, ' $& '],
  [/[\u2012-\u2015]/gu, ' $& '],
  [new RegExp(`([^.])(\\.)([\\])}>"']*)${unicodeSpace}*$`, 'u'), '$1 $2$3 '],
  [/[?!]/gu, ' $& '],
  [/([^'])' /gu, "$1 ' "],
  [/[*]/gu, ' $& '],
  [/[\][(){}<>]/gu, ' $& '],
  [/--/gu, ' -- '],
];
/** The rest, on the text with a space at each end: closing quotes, contractions. */
const closing: readonly (readonly [RegExp, string])[] = [
  [/([»”’])/gu, ' $1 '],
  [/''/gu, " '' "],
  [/"/gu, " '' "],
  [new RegExp(`${unicodeSpace}+`, 'gu'), ' '],
  [/([^' ])('[sS]|'[mM]|'[dD]|') /gu, '$1 $2 '],
  [/([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) /gu, '$1 $2 '],
  ...['(can)(not)', "(d)('ye)", '(gim)(me)', '(gon)(na)', '(got)(ta)', '(lem)(me)', "(more)('n)"].map(
    (pair) => [new RegExp(`${bound}${pair}${bound}`, 'giu'), ' $1 $2 '] as const,
  ),
  [new RegExp(`${bound}(wan)(na)(?=${unicodeSpace})`, 'giu'), ' $1 $2 '],
  [new RegExp(` ('t)(is)${bound}`, 'giu'), ' $1 $2 '],
  [new RegExp(` ('t)(was)${bound}`, 'giu'), ' $1 $2 '],
];

const applied = (text: string, rules: readonly (readonly [RegExp, string])[]): string =>
  rules.reduce((result, [pattern, by]) => result.replace(pattern, by), text);

/** The words of one sentence, equal to NLTK's `NLTKWordTokenizer`. */
export function nltkSentenceWords(sentence: string): string[] {
  return words(applied(` ${applied(sentence, opening)} `, closing));
}

/**
 * The words of a text as NLTK's `word_tokenize` gives them: its sentences' words in the manner of the Penn Treebank.
 *
 * Reference: NLTK 3.10, `nltk.tokenize`; Kiss and Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection".
 */
export function nltkWords(text: string): string[] {
  return sentences(text).flatMap(nltkSentenceWords);
}
