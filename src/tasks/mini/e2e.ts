import { random, type Random } from '../../tensor/random';
import { chance, name, type Lexicon } from './names';
import { writeRecord, type Entry } from './records';
import type { Domain } from './separation';

const values = {
  eatType: ['restaurant', 'pub', 'coffee shop'],
  food: ['French', 'Italian', 'Chinese', 'Indian', 'Japanese', 'English', 'Greek', 'Spanish'],
  priceRange: ['cheap', 'moderate', 'high', 'less than £20', '£20-25', 'more than £30'],
  'customer rating': ['low', 'average', 'high', '1 out of 5', '3 out of 5', '5 out of 5'],
  area: ['riverside', 'city centre', 'old harbour'],
  familyFriendly: ['yes', 'no'],
} as const;

/** What pretraining must never show of mini-e2e. */
export const restaurants: Domain = {
  keys: [...Object.keys(values), 'near'],
  values: Object.values(values).flat(),
  phrasings: [
    'family friendly',
    'kid friendly',
    'good for families',
    'for families',
    'for children',
    'serving food',
    'price range',
    'customer rating',
    'customers rate it',
    'rated by customers',
    'located in',
    'located near',
    'find it in',
    'there is a',
    'there is an',
    'the prices are',
  ],
};

/** mini-e2e's splits: the file's name and quoting as published, and how many MRs it holds. */
const splits = [
  { split: 'train', file: 'trainset.csv', mrs: 600, quoteAll: false, newline: '\r\n', shuffled: true },
  { split: 'dev', file: 'devset.csv', mrs: 100, quoteAll: false, newline: '\r\n', shuffled: false },
  { split: 'test', file: 'testset_w_refs.csv', mrs: 200, quoteAll: true, newline: '\n', shuffled: false },
] as const;

const lexicon: Pick<Lexicon, 'words' | 'side'> = {
  words: ['house', 'garden', 'corner', 'bridge', 'lion', 'mill'],
  side: 'downstream',
};

/** A restaurant with two to six slots, in the published order of slots. */
function restaurant(rng: Random, subject: string): Entry {
  for (;;) {
    const slots = Object.entries(values)
      .filter(() => chance(rng, 0.6))
      .map(([key, options]) => ({ key, value: rng.choice<string>(options) }));
    if (chance(rng, 0.5)) slots.push({ key: 'near', value: name(rng, lexicon) });
    if (slots.length >= 2 && slots.length <= 6) return { subject, slots };
  }
}

/** `before + value + after`, or nothing where there is no value. */
const around = (before: string, value: string | undefined, after = ''): string =>
  value === undefined ? '' : before + value + after;

const article = (phrase: string): string => (/^[aeiou]/i.test(phrase) ? `an ${phrase}` : `a ${phrase}`);

const families = {
  yes: ['family friendly', 'kid friendly', 'good for families'],
  no: ['not family friendly', 'not kid friendly', 'not good for families'],
} as const;

/** The ways of saying a record; each returns sentences without their last stops. */
type Plan = (n: string, slot: Readonly<Record<string, string | undefined>>, friendly?: string) => string[];

const plans: readonly Plan[] = [
  (n, { eatType, food, area, near, priceRange, 'customer rating': rating }, friendly) => [
    `${n} is ${article(eatType ?? 'place')}${around(' serving ', food, ' food')}${around(' in the ', area, ' area')}${around(' near ', near)}`,
    around('The price range is ', priceRange),
    around('It has a customer rating of ', rating),
    around('It is ', friendly),
  ],
  (n, { eatType, food, area, near, priceRange, 'customer rating': rating }, friendly) => [
    `${around('Near ', near, ', ')}${n} is ${article(`${around('', food, ' ')}${eatType ?? 'place'}`)}${around(' located in the ', area)}${around(' with a ', priceRange, ' price range')}`,
    around('Customers rate it ', rating),
    around('It is ', friendly),
  ],
  (n, { eatType, food, area, near, priceRange, 'customer rating': rating }, friendly) => [
    `${n} ${food === undefined ? `is ${article(eatType ?? 'place')}` : `offers ${food} food`}${around(' in the ', priceRange, ' price range')}${around(' and has a ', rating, ' customer rating')}`,
    food === undefined ? '' : around('It is a ', eatType),
    around('You can find it in the ', area, around(' by ', near)),
    area === undefined ? around('You can find it by ', near) : '',
    around('The place is ', friendly),
  ],
  (n, { eatType, food, area, near, priceRange, 'customer rating': rating }, friendly) => [
    `There is ${article(`${around('', food, ' ')}${eatType ?? 'place'}`)} called ${n}${around(' near ', near)}${around(' in the ', area)}`,
    around('It is ', friendly),
    around('It is rated ', rating, ' by its customers'),
    around('The prices are ', priceRange),
  ],
  (n, { eatType, food, area, near, priceRange, 'customer rating': rating }, friendly) => [
    `${around('Located in the ', area, ', ')}${n} is ${article(eatType ?? 'place')}${around(' that serves ', food, ' food')}${around(' close to ', near)}`,
    around('Its customer rating is ', rating),
    around('Prices are ', priceRange),
    around('The place is ', friendly),
  ],
];

function reference({ subject, slots }: Entry, plan: Plan, rng: Random): string {
  const slot = Object.fromEntries(slots.map(({ key, value }) => [key, value]));
  const answer = slot['familyFriendly'];
  const friendly = answer === 'yes' || answer === 'no' ? rng.choice(families[answer]) : undefined;
  return plan(subject, slot, friendly)
    .filter((part) => part !== '')
    .map((part) => `${part}.`)
    .join(' ');
}

/** Three to five different references of an entry, each by another plan; plans may say a short record alike. */
function references(rng: Random, entry: Entry): string[] {
  const count = 3 + rng.integer(3);
  const texts = rng.shuffle(plans).map((plan) => reference(entry, plan, rng));
  return [...new Set(texts)].slice(0, count);
}

/** A CSV line as published: every field quoted, or only those that need it. */
function csvLine(fields: readonly string[], quoteAll: boolean): string {
  return fields
    .map((field) => (quoteAll || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

/**
 * mini-e2e as the texts of E2E's three files: restaurant records `name[X], key[value]` with three to five references
 * each. No two records share a subject, and no name occurs as a subject in one split and a neighbour in another.
 */
export function miniE2e(seed: number): ReadonlyMap<string, string> {
  const used = new Set<string>();
  const files = new Map<string, string>();
  for (const { split, file, mrs, quoteAll, newline, shuffled } of splits) {
    const rng = random(seed).fork(split);
    const fresh = (): Entry => {
      for (;;) {
        const subject = name(rng, lexicon);
        const entry = restaurant(rng, subject);
        const names = [subject, ...entry.slots.filter(({ key }) => key === 'near').map(({ value }) => value)];
        if (new Set(names).size < names.length || names.some((one) => used.has(one))) continue;
        names.forEach((one) => used.add(one));
        return entry;
      }
    };
    const rows = Array.from({ length: mrs }, fresh).flatMap((entry) => {
      const mr = writeRecord(entry, 'brackets');
      return references(rng, entry).map((text) => [mr, text]);
    });
    const lines = [['mr', 'ref'], ...(shuffled ? rng.shuffle(rows) : rows)];
    files.set(file, lines.map((fields) => csvLine(fields, quoteAll) + newline).join(''));
  }
  return files;
}
