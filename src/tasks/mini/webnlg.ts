import { random, type Random } from '../../tensor/random';
import { chance } from './names';
import { series } from './phrases';
import type { Domain } from './separation';
import { spokenKey } from './slotKey';
import { newNames, tripleSizes } from './splits';
import { drawValue, listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/** How a property is said (`*` is the object), what its object is, and what is known about that object in turn. */
type Property = { readonly says: string; readonly object: ValueKind; readonly about?: keyof typeof things };

/** What is said about the objects of properties, which makes chains. */
const things = {
  person: {
    homeHamlet: { says: 'grew up in the village of *', object: 'name' },
    craftTeacher: { says: 'learned the job from *', object: 'name' },
  },
  water: {
    tideSpeed: { says: 'runs at a speed of *', object: [2, 40] },
  },
  building: {
    benchRows: { says: 'holds * rows of seats', object: [6, 48] },
  },
} as const satisfies Readonly<
  Record<string, Readonly<Record<string, { readonly says: string; readonly object: ValueKind }>>>
>;

type Category = Readonly<Record<string, Property>>;

/** The categories that train, dev and test share. */
const seenCategories: Readonly<Record<string, Category>> = {
  Lighthouse: {
    lampHeight: { says: 'shines from a height of *', object: [12, 88] },
    lampKeeper: { says: 'trusts its lamp to *', object: 'name', about: 'person' },
    guardedStrait: { says: 'watches over the water of *', object: 'name', about: 'water' },
    beamColour: {
      says: 'throws a * light on the waves',
      object: ['pale amber', 'deep crimson', 'milky white', 'sea green'],
    },
  },
  SteamFerry: {
    homeQuay: { says: 'sleeps by the harbour wall of *', object: 'name', about: 'building' },
    boilerMaker: { says: 'burns coal in an engine by *', object: 'name' },
    slipwayYear: { says: 'first met the water in *', object: 'year' },
    ferryCaptain: { says: 'sails at the word of *', object: 'name', about: 'person' },
  },
  BrassBand: {
    bandMaster: { says: 'plays under the hand of *', object: 'name', about: 'person' },
    rehearsalHall: { says: 'meets each week at *', object: 'name', about: 'building' },
    tubaPlayers: { says: 'walks with * players in front', object: [2, 19] },
    coatColour: {
      says: 'wears coats of * wool',
      object: ['bottle green', 'dusty violet', 'mustard yellow', 'midnight blue'],
    },
  },
};

/** The categories that only the test split has. */
const unseenCategories: Readonly<Record<string, Category>> = {
  Windmill: {
    sailMaker: { says: 'turns its sails thanks to *', object: 'name' },
    mealSacks: { says: 'fills * bags a day', object: [10, 95] },
    headMiller: { says: 'grinds the wheat of *', object: 'name', about: 'person' },
    turningCapYear: { says: 'has had a new cap since *', object: 'year' },
  },
  PuppetTheatre: {
    stringMaster: { says: 'hangs on the strings of *', object: 'name', about: 'person' },
    puppetCount: { says: 'keeps * dolls in a box', object: [20, 400] },
    winterHall: { says: 'spends the snow months at *', object: 'name', about: 'building' },
    firstCurtainYear: { says: 'gave its first play in *', object: 'year' },
  },
};

const properties: readonly (readonly [key: string, Property])[] = [
  ...Object.values(seenCategories),
  ...Object.values(unseenCategories),
  ...Object.values(things),
].flatMap((category) => Object.entries(category));

/** What pretraining must never show of mini-webnlg. */
export const landmarks: Domain = {
  keys: properties.map(([key]) => key),
  values: listedValues(properties.map(([, { object }]) => object)),
  phrasings: wording(properties.map(([, { says }]) => says)),
};

/** One triple, how it is said, and the triples about its object. */
type Fact = {
  readonly key: string;
  readonly says: string;
  readonly object: string;
  readonly literal: boolean;
  readonly about: readonly Fact[];
};

type Item = {
  readonly category: string;
  readonly subject: string;
  readonly facts: readonly Fact[];
};

/** A fact's predicate: `is tended by Bralo`. */
const clause = ({ says, object }: Fact): string => says.replace('*', () => object);

/** A fact with the key as a noun: `Bralo as the lamp keeper`. */
const asNoun = ({ key, object }: Fact): string => `${object} as the ${spokenKey(key)}`;

/** What is known about the facts' objects, a sentence an object. */
const followUps = (facts: readonly Fact[]): string[] =>
  facts
    .filter(({ about }) => about.length > 0)
    .map(({ object, about }) => `${object} ${series(about.map(clause))}.`);

/** A sentence about a subject that names the keys. */
function keyed(subject: string, facts: readonly Fact[]): string {
  const [first, ...rest] = facts as readonly [Fact, ...Fact[]];
  const others = rest.length === 0 ? '' : `, with ${series(rest.map(asNoun))}`;
  const is = first.key.endsWith('s') ? 'are' : 'is';
  return `The ${spokenKey(first.key)} of ${subject} ${is} ${first.object}${others}.`;
}

type Plan = (item: Item) => string[];

/** The ways of saying an item: one sentence about the subject; a sentence a fact. */
const plans: readonly Plan[] = [
  ({ subject, facts }) => [`${subject} ${series(facts.map(clause))}.`, ...followUps(facts)],
  ({ subject, category, facts }) =>
    facts.flatMap((fact, i) => [
      `${i === 0 ? `The ${spokenKey(category).toLowerCase()} ${subject}` : 'It'} ${clause(fact)}.`,
      ...followUps([fact]),
    ]),
];

/** A further way, by the keys' names. */
const keysNamed: Plan = ({ subject, facts }) => [
  keyed(subject, facts),
  ...facts.filter(({ about }) => about.length > 0).map(({ object, about }) => keyed(object, about)),
];

/** Texts of an item, each by another plan; the plan that names the keys is for what train never says otherwise. */
function references(rng: Random, item: Item): string[] {
  const seen = Object.hasOwn(seenCategories, item.category);
  const texts = (seen ? plans : [...plans, keysNamed]).map((plan) => plan(item).join(' '));
  return [...new Set(rng.shuffle(texts))];
}

/** How often an item has one to five triples, of a hundred. */
const sizes = [48, 34, 12, 4, 2].flatMap((share, i) => Array<number>(share).fill(i + 1));

/** A random item of a category; `leafName` gives the names of objects that nothing more is said about. */
function drawItem(
  rng: Random,
  categoryName: string,
  newName: () => string,
  leafName: (key: string) => string = newName,
): Item {
  const category = { ...seenCategories, ...unseenCategories }[categoryName] as Category;
  const subject = newName();
  const size = rng.choice(sizes);
  const drawn = rng.shuffle(Object.entries(category));
  const chained = drawn.find(([, { about }]) => about !== undefined) as [string, Property];
  const wanted = size > 1 && chance(rng, 0.5) ? 1 + rng.integer(Math.min(2, size - 1)) : 0;
  const chainSize = Math.max(wanted, size - drawn.length);
  const roots = drawn.filter((entry) => entry !== chained).slice(0, size - chainSize - 1);
  const draw = ([key, { says, object, about }]: readonly [string, Property], more: number): Fact => ({
    key,
    says,
    object: drawValue(rng, object, more > 0 ? newName : () => leafName(key)),
    literal: typeof object[0] === 'string' && typeof object !== 'string',
    about:
      about === undefined || more === 0
        ? []
        : rng
            .shuffle(Object.entries<Property>(things[about]))
            .slice(0, more)
            .map((thing) => draw(thing, 0)),
  });
  return {
    category: categoryName,
    subject,
    facts: rng.shuffle([chained, ...roots]).map((entry) => draw(entry, entry === chained ? chainSize : 0)),
  };
}

/** The triples of an item, those about an object after the one that names it. */
function triples(subject: string, facts: readonly Fact[]): (Fact & { readonly subject: string })[] {
  return facts.flatMap((fact) => [{ subject, ...fact }, ...triples(fact.object, fact.about)]);
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const entity = (name: string): string => name.replaceAll(' ', '_');

/** The tree of an item as the attributes `shape` and `shape_type`. */
function shape({ facts }: Item): readonly [shape: string, type: string] {
  const branch = ({ about }: Fact): string => ` (X${about.map(branch).join('')})`;
  const chains = facts.some(({ about }) => about.length > 0);
  const path = facts.length === 1 && facts[0]?.about.length === 1;
  const type = chains ? (path ? 'chain' : 'mixed') : facts.length > 1 ? 'sibling' : 'NA';
  return [`(X${facts.map(branch).join('')})`, type];
}

/** An item as an entry; `lexAttribute` is what the release writes before a text's id. */
function entryXml(item: Item, texts: readonly string[], id: number, lexAttribute: string): string {
  const all = triples(item.subject, item.facts);
  const line = (tag: string, language: string): string[] =>
    all.map(({ subject, key, object, literal }) => {
      const value = literal ? `"${object}"${language}` : entity(object);
      return `<${tag}>${escaped(`${entity(subject)} | ${key} | ${value}`)}</${tag}>`;
    });
  const [tree, type] = shape(item);
  return [
    `<entry category="${item.category}" eid="Id${id}" shape="${tree}" shape_type="${type}" size="${all.length}">`,
    '<originaltripleset>',
    ...line('otriple', '@en'),
    '</originaltripleset>',
    '<modifiedtripleset>',
    ...line('mtriple', ''),
    '</modifiedtripleset>',
    ...texts.map((text, i) => `<lex ${lexAttribute} lid="Id${i + 1}">${escaped(text)}</lex>`),
    '</entry>',
    '',
  ].join('\n');
}

const document = (entries: readonly string[]): string =>
  `<?xml version='1.0' encoding='utf-8'?>\n<benchmark>\n<entries>\n${entries.join('')}</entries>\n</benchmark>\n`;

/** How many test entries have which label: seen; unseen entities; unseen entities and categories. */
const testTypes = { type1: 110, type2: 70, type3: 20 } as const;
const testStem = 'test/rdf-to-text-generation-test';

/**
 * mini-webnlg as the files of WebNLG's release 3.0 in English: entries of one to five triples with two texts, three for
 * an unseen category.
 * No two entries share a subject. `type1` in test: the objects that nothing more is said about are names of train;
 * `type2`: all names are new; `type3`: the category is new too.
 */
export function miniWebnlg(seed: number): ReadonlyMap<string, string> {
  const fresh = newNames(['Point', 'Rock', 'Bay', 'Hall', 'Star']);
  const known = new Map<string, string[]>();
  const files = new Map<string, string>();
  for (const split of ['train', 'dev'] as const) {
    const rng = random(seed).fork('webnlg').fork(split);
    const leafName = (key: string): string => {
      const one = fresh(rng);
      if (split === 'train') known.set(key, [...(known.get(key) ?? []), one]);
      return one;
    };
    const grouped = new Map<string, Item[]>();
    for (let i = 0; i < tripleSizes[split]; i++) {
      const item = drawItem(rng, rng.choice(Object.keys(seenCategories)), () => fresh(rng), leafName);
      const size = triples(item.subject, item.facts).length;
      const file = `${split}/${size}triples/${item.category}${size === 1 ? '_allSolutions' : ''}.xml`;
      grouped.set(file, [...(grouped.get(file) ?? []), item]);
    }
    for (const [file, items] of [...grouped].sort(([a], [b]) => (a < b ? -1 : 1)))
      files.set(
        file,
        document(items.map((item, i) => entryXml(item, references(rng, item), i + 1, 'comment="good"'))),
      );
  }
  const rng = random(seed).fork('webnlg').fork('test');
  const types = rng.shuffle(
    Object.entries(testTypes).flatMap(([type, count]) => Array<string>(count).fill(type)),
  );
  const entries = types.map((type, i) => {
    const categories = Object.keys(type === 'type3' ? unseenCategories : seenCategories);
    const leafName = (key: string): string =>
      type === 'type1' ? rng.choice(known.get(key) as string[]) : fresh(rng);
    const item = drawItem(rng, rng.choice(categories), () => fresh(rng), leafName);
    return entryXml(item, references(rng, item), i + 1, 'lang=""');
  });
  const labels = Object.fromEntries(types.map((type, i) => [`Id${i + 1}`, type]));
  files.set(`${testStem}-data-with-refs-en.xml`, document(entries));
  files.set(`${testStem}-instance-types.json`, JSON.stringify(labels, undefined, 4));
  return new Map([...files].map(([file, text]) => [`release_v3.0/en/${file}`, text]));
}
