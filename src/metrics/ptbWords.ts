import { asciiLowerCase } from './whitespace';

/** A rule of the lexer: what a token looks like (what must follow it stands in a second group) and what it becomes. */
type Rule = {
  /** Characters it can start with; those beyond ASCII are always tried. */
  readonly starts: ReadonlySet<string>;
  readonly pattern: RegExp;
  /** Tried on the text as it is, not on its lower case. */
  readonly cased: boolean;
  readonly becomes?: (text: string) => string;
};

const letter = '[\\p{L}\\p{M}\\xad]';
const word = `${letter}[\\p{L}\\p{M}\\p{Nd}\\xad]*(?:[.!?]${letter}[\\p{L}\\p{M}\\p{Nd}\\xad]*)*`;
const plain = '[\\p{L}\\p{M}\\p{Nd}]';
const apostrophe = "(?:['’´\\x92]|&apos;)";
const inner = "(?:['’´\\x92`\\x91‘‛]|&apos;)";
const space = '[ \\t\\xa0\\u2000-\\u200a\\u3000]';
const clitic = `${apostrophe}(?:[msd]|re|ve|ll)`;
const number = '(?:\\p{Nd}*(?:[.:,\\xad٫٬]\\p{Nd}+)+|\\p{Nd}+)';
const elided = `(?:[dol]${inner}${plain})?`;
const acronym = '[A-Za-z](?:\\.[A-Za-z])*';

/** Abbreviations keep their period. In lower case: however written; with a capital: only so. */
const abbreviations = new Set(
  `jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri ala ariz Az Ark calif colo conn ct dak Del
  fla ga Ill ind kan kans ky La Mass md mich minn Miss mo mont neb nev okla Ore Pa penn tenn Tex va vt Wash wis wisc wyo inc
  co cos corp pty ptys ppty ltd plc rt bancorp bhd assn univ intl sys tel est ext sq jr bros ed.d ph.d esq etc al seq bldg mr
  mrs ms dr drs prof profs sen sens rep reps atty attys lt col gen messrs gov govs adm rev maj sgt cpl pvt capt st ste ave
  pres lieut hon brig comdr cmdr pfc spc supt supts det mt ft sr vs alex wm jos cie a.k.a cf treas ph invt elec natl mfg mtg
  dept blvd rd adj adv asst assoc ens insp mlle mme msgr sfc`.split(/\s+/),
);
/** Abbreviations that keep their period before a number only. */
const beforeNumbers = /^(?:ca|figs?|prop|nos?|art|bldg|pp|op)$/i;

function isAbbreviation(text: string): boolean {
  const lower = text.toLowerCase();
  const capitalised = lower.charAt(0).toUpperCase() + lower.slice(1);
  return abbreviations.has(lower) || (/^[A-Z]/.test(text) && abbreviations.has(capitalised));
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const wordStarts = letters + letters.toUpperCase() + '&';

const rule = (starts: string, source: string, becomes?: (text: string) => string, cased = false): Rule => ({
  starts: new Set(starts),
  pattern: new RegExp(source, 'yu'),
  cased,
  ...(becomes === undefined ? {} : { becomes }),
});
const always = (text: string) => (): string => text;

const opened = (text: string): string => quotes(text.replace(/&apos;|'/g, '`').replace(/"|&quot;/g, '``'));
const closed = (text: string): string => quotes(text.replace(/&apos;/g, "'").replace(/"|&quot;/g, "''"));
function quotes(text: string): string {
  return text
    .replace(/[\x91‘‛‹]/g, '`')
    .replace(/[\x92’›]/g, "'")
    .replace(/[\x93“«]/g, '``')
    .replace(/[\x94”»]/g, "''");
}
const brackets = (text: string): string =>
  text.replace(
    /[()[\]{}]/g,
    (bracket) => `-${'LRLRLR'['()[]{}'.indexOf(bracket)]}${'RRSSCC'['()[]{}'.indexOf(bracket)]}B-`,
  );
const fraction = (text: string): string =>
  ({ '¼': '1/4', '½': '1/2', '¾': '3/4', '⅓': '1/3', '⅔': '2/3' })[text] ?? text;
const currency = (text: string): string =>
  text === '¢' ? 'cents' : text === '£' ? '#' : /[\x80¤₠€]/.test(text) ? '$' : text;

const domain = '[^ \\t\\n\\f\\r"`\'<>|.!?(){},\\-_$]+';
const rules: readonly Rule[] = [
  rule(
    '<',
    '<(?:[!?][a-z-][^>]*|\\/?[a-z][a-z0-9_:.-]*(?: +[a-z][a-z0-9_:.-]*(?: *= *(?:\'[^\']*\'|"[^"]*"|[a-z0-9_:.-]+))?)*) *\\/?>',
  ),
  rule('&', '&(?:md|mdash|ndash);|[–—―\\x96\\x97]', always('--')),
  rule('&', '&amp;', always('&')),
  rule('&', '&(?:ht|tl|ur|lr|qc|ql|qr|odq|cdq|#[0-9]+);'),
  rule('c', '(can)(not)'),
  rule("'&gwl", `(${apostrophe}t)(was|is)|(gon|wan)(na)|(got)(ta)|(lem|gim)(me)`),
  rule(wordStarts, `(${word})(${clitic})`),
  rule(letters, `([a-z\\xad]*[a-mo-z]\\xad*)(n${inner}t)`),
  rule(wordStarts, word),
  rule(
    "'&ldsjo",
    `${apostrophe}n${apostrophe}?|[ldj]${apostrophe}|(?:dunkin|somethin|ol)${apostrophe}|${apostrophe}(?:em|[2-9]0s|till?|cause)`,
  ),
  rule(
    wordStarts,
    `[A-HJ-XZn]${inner}\\p{L}{2}\\p{L}*|\\p{L}+[aeiouyAEIOUY]${inner}[aeiouA-Z]\\p{L}*`,
    undefined,
    true,
  ),
  rule(letters, "cont'd\\.?|nor'easter|c'mon|e'er|s'mores|ev'ry|li'l|nat'l"),
  rule('y', `(y${apostrophe})(\\p{L})`),
  rule('fhm', '(?:ftp|https?|mailto):\\/\\/[^ \\t"<>|()]+[^ \\t"<>|.!?(){},-]'),
  rule(
    letters + digits,
    `(?:www\\.(?:[^ \\t"<>|.!?(){},]+\\.)+[a-z]{2,4}|(?:${domain}\\.)+(?:com|net|org|edu))(?:\\/[^ \\t"<>|()]+[^ \\t"<>|.!?(){},-])?`,
  ),
  rule(letters + digits, '[a-z0-9][^ \\t"<>|()\\xa0]*@(?:[^ \\t"<>|().\\xa0]+\\.)+[a-z]{2,4}'),
  rule('@#', '@[a-z_][a-z_0-9]*|#[a-z]+'),
  rule("'&", `(${clitic})([^A-Za-z]|$)`, closed),
  rule('n', `n${inner}t`, closed),
  rule(digits, '\\p{Nd}{1,2}[-/]\\p{Nd}{1,2}[-/]\\p{Nd}{2,4}'),
  rule(`${digits}-+.:,`, `[-+]?${number}`),
  rule('', '[⁺⁻₊₋]?(?:[⁰¹²³⁴-⁹]+|[₀-₉]+)'),
  rule(digits, '(?:\\p{Nd}{1,4}[- \\xa0])?\\p{Nd}{1,4}(?:\\\\?\\/|⁄)\\p{Nd}{1,4}', (text) =>
    text.replace(' ', '\xa0'),
  ),
  rule('', '[¼½¾⅓-⅞]', fraction),
  rule('-cpa', `-(?:rrb|lrb|rcb|lcb|rsb|lsb)-|c\\.d\\.s|pro-|anti-|cap${apostrophe}n|c${apostrophe}est`),
  rule(letters + digits, '[a-z0-9]+(?:-[a-z]+){0,2}(?:\\\\?\\/[a-z0-9]+(?:-[a-z]+){0,2}){1,2}'),
  rule(`${letters}$#`, '[a-z]*\\$|#'),
  rule('', '[¢£¤¥\\x80₠€₪₹฿₤]', currency),
  rule(letters, `(?:${acronym}|(?:canada|sino|korean|eu|japan|non)-u\\.s)\\.`),
  rule("'&", `(${apostrophe}[0-9][0-9])(${space}|$)`),
  rule(wordStarts, `(${word}\\.)([,;:])`),
  rule(
    `${digits}(+`,
    '(?:\\([0-9]{3}\\)[ \\xa0]?|(?:\\+\\+?)?(?:[0-9]{2,4}[- \\xa0])?[0-9]{2,4}[- \\xa0])[0-9]{3,4}[- \\xa0]?[0-9]{3,5}',
    (text) => brackets(text.replace(/ /g, '\xa0')),
  ),
  rule('"', '(")([a-z0-9$])', opened),
  rule(`"&'\``, `"|&quot;|[\`'’‘]'`, closed),
  rule('<&', '(?:&lt;|<)', always('<')),
  rule('>&', '(?:&gt;|>)', always('>')),
  rule('()[]{}', '[()[\\]{}]', brackets),
  rule('<>:;=', "([<>]?[:;=][-o*']?[()dp\\\\{@|[\\]])([^a-z]|$)", brackets),
  rule('-', '---?-?', (text) => (text.length > 2 ? '--' : text)),
  rule('-', '-+'),
  rule('.', '\\.{3,}|[\\x85…]|\\.[ \\xa0](?:\\.[ \\xa0])+\\.', always('...')),
  rule('@#_*\\', '@+|#+|_+|\\*+|(?:\\\\\\*){1,3}'),
  rule('?!', '[?!]+'),
  rule('.,;:=/%&~^|\\+', '[.¡¿,;:=/%&~^|\\\\+]'),
  rule(letters + digits, '[a-z0-9][a-z0-9.,\\xad]*(?:-(?:[a-z0-9\\xad]+|[a-z](?:\\.[a-z])+\\.))+'),
  rule(letters + digits, `${elided}${plain}+(?:[-_֊‐‑]${elided}${plain}+)*`),
  rule(letters, '[A-Z]+(?:(?:[+&]|&amp;)[A-Z]+)+', (text) => text.replace(/&amp;/g, '&'), true),
  rule("'", "(')([A-Za-z][^ \\t\\xa0])", opened),
  rule("'&", clitic, closed),
  rule("'`&", `[\`‘-‟\\x91-\\x94‹›«»]{1,2}|${apostrophe}`, closed),
  rule('', '[\\p{S}§¶·†‡•′″‰]'),
];

/** The rules by the ASCII character they start at. */
const byFirst = new Map(
  [...Array(128).keys()]
    .map((code) => String.fromCharCode(code))
    .map((first) => [first, rules.filter(({ starts }) => starts.has(first))]),
);

type Match = { readonly end: number; readonly token: string };

/** The longest match of any rule at a place, the first of equals; what must follow counts as matched. */
function match(text: string, lower: string, at: number): Match | undefined {
  let longest = 0;
  let found: Match | undefined;
  for (const { pattern, cased, becomes } of byFirst.get(lower[at] ?? '') ?? rules) {
    pattern.lastIndex = at;
    const result = pattern.exec(cased ? text : lower);
    if (result === null || result[0].length <= longest) continue;
    longest = result[0].length;
    const groups: readonly (string | undefined)[] = result.slice(1);
    const own = groups.find((group) => group !== undefined) ?? result[0];
    found = { end: at + own.length, token: becomes === undefined ? own : becomes(own) };
  }
  const abbreviated = /[A-Za-z]+(?:\.[A-Za-z]+)*(?=\.)/y;
  abbreviated.lastIndex = at;
  const bare = abbreviated.exec(text)?.[0] ?? '';
  if (bare.length > 0 && bare.length + 1 > longest) {
    const end = at + bare.length + 1;
    const beforeNumber = beforeNumbers.test(bare) && /^[ \t\xa0\n]?\p{Nd}/u.test(text.slice(end, end + 2));
    if (beforeNumber || isAbbreviation(bare)) return { end, token: `${bare}.` };
  }
  return found;
}

/** The tokens between two places, of rules that may look and reach beyond the second. */
function lex(
  text: string,
  from: number,
  to: number,
): { readonly tokens: readonly string[]; readonly end: number } {
  const tokens: string[] = [];
  const lower = asciiLowerCase(text);
  let at = from;
  while (at < to) {
    const next = match(text, lower, at);
    if (next !== undefined) tokens.push(next.token.replaceAll('\xad', '').toLowerCase());
    at = next?.end ?? at + 1;
  }
  return { tokens, end: at };
}

/** What ends in these may be one token with the number behind the space: `3 1/2`, `(555) 123-4567`, `no. 5`. */
const joinsNumber = /[\p{Nd})]$|[a-z]\.$/iu;

const cache = new Map<string, readonly string[]>();
const cacheSize = 100_000;

/** The tokens of what stands between spaces; texts repeat themselves, so they are kept. */
function chunkTokens(chunk: string): readonly string[] {
  const known = cache.get(chunk);
  if (known !== undefined) return known;
  const { tokens } = lex(chunk, 0, chunk.length);
  if (cache.size >= cacheSize) cache.clear();
  cache.set(chunk, tokens);
  return tokens;
}

const chunk = /[^ \t\r\n\v\f\x85\xa0\u2000-\u200a\u2028\u2029\u3000]+/g;
const firstChunk = new RegExp(chunk.source);

/** Words before which a single capital and its period end a sentence, when they stand alone. */
const sentenceStarts = new Set(
  `about according additionally after an a as at but earlier he her here however if in it last many more mr. ms. now once one
  other our she since so some such that the their then there these they this we when while what yet you`.split(
    /\s+/,
  ),
);

function startsSentence(text: string): boolean {
  return /^[A-Z]/.test(text) && sentenceStarts.has(text.toLowerCase());
}

/**
 * A text's words in the manner of the Penn Treebank, in lower case, as Stanford's PTBTokenizer 3.4.1 gives them with
 * `-preserveLines -lowerCase`: the tokens that coco-caption counts. What it does not know is left out. The tokenizer reads
 * a file, so how a line ends can depend on how the one `following` it starts.
 */
export function ptbWords(text: string, following = ''): string[] {
  const found: string[] = [];
  const chunks = [...text.matchAll(chunk)];
  let done = 0;
  chunks.forEach(({ 0: own, index }, i) => {
    if (index < done) return;
    const next = chunks[i + 1]?.[0] ?? firstChunk.exec(following)?.[0] ?? '';
    if (/(?:^|[^\p{L}.])[A-Za-z]\.$/u.test(own) && startsSentence(next)) {
      found.push(...chunkTokens(own.slice(0, -1)));
      return;
    }
    const mayJoin = joinsNumber.test(own) && /^\p{Nd}/u.test(next);
    if (!own.includes('<') && !/^\.+$/.test(own) && !mayJoin) {
      found.push(...chunkTokens(own));
      return;
    }
    const whole = i + 1 < chunks.length ? text : `${text}\n${next}`;
    const { tokens, end } = lex(whole, index, index + own.length);
    found.push(...tokens);
    done = end;
  });
  return found;
}
