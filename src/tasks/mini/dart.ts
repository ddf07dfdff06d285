import { random, type Random } from '../../tensor/random';
import { capitalised, chance } from './names';
import { series } from './phrases';
import type { Domain } from './separation';
import { newNames, tripleSizes } from './splits';
import { drawValue, listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/** A relation of a table's row: how it is said (`*` is the value), and what its column holds. */
type Column = { readonly says: string; readonly holds: ValueKind };

/** A kind of table: what its title ends in, the column of its subjects, its further columns. */
type Theme = {
  readonly title: string;
  readonly subject: string;
  readonly columns: Readonly<Record<string, Column>>;
};

/** The tables' kinds, the commonest first. */
const themes: readonly Theme[] = [
  {
    title: 'Regatta',
    subject: 'ROWING_CREW',
    columns: {
      STROKE_RATE: { says: 'pulled to a count of *', holds: [24, 48] },
      HULL_BUILDER: { says: 'raced in the boat of *', holds: 'name' },
      LANE_DRAWN: { says: 'kept to lane *', holds: [1, 9] },
    },
  },
  {
    title: 'Rose Show',
    subject: 'ROSE_VARIETY',
    columns: {
      ROSE_BREEDER: { says: 'came from the garden of *', holds: 'name' },
      PETAL_TALLY: { says: 'opened * leaves at noon', holds: [18, 120] },
      ROSETTE_WON: {
        says: 'took the * ribbon home',
        holds: ['plum purple', 'straw gold', 'snow white', 'coal black'],
      },
    },
  },
  {
    title: 'Signal Box List',
    subject: 'SIGNAL_BOX',
    columns: {
      LEVER_FRAME: { says: 'works with * handles', holds: [8, 90] },
      MILE_POST: { says: 'stands beside mile *', holds: [2, 300] },
      NIGHT_SIGNALMAN: { says: 'waits all night for *', holds: 'name' },
    },
  },
  {
    title: 'Chess League',
    subject: 'CHESS_CLUB',
    columns: {
      FIRST_BOARD: { says: 'gives its best seat to *', holds: 'name' },
      DRAWN_GAMES: { says: 'shared the point * times', holds: [2, 40] },
      CLUB_CELLAR: { says: 'meets under the floor of *', holds: 'name' },
    },
  },
  {
    title: 'Cheese Fair',
    subject: 'CHEESE_WHEEL',
    columns: {
      CAVE_MONTHS: { says: 'slept * months in a cave', holds: [3, 40] },
      RIND_WASH: {
        says: 'drank a skin of *',
        holds: ['plum brandy', 'cider lees', 'salted whey', 'walnut ale'],
      },
      HERD_OWNER: { says: 'began with the cows of *', holds: 'name' },
    },
  },
  {
    title: 'Kite Contest',
    subject: 'KITE_NAME',
    columns: {
      LINE_PAID_OUT: { says: 'climbed on * feet of string', holds: [60, 900] },
      KITE_FLYER: { says: 'hung from the hand of *', holds: 'name' },
      TAIL_CLOTH: {
        says: 'pulled a tail of *',
        holds: ['oiled linen', 'raw calico', 'striped ticking', 'waxed muslin'],
      },
    },
  },
  {
    title: 'Bell Register',
    subject: 'TOWER_BELL',
    columns: {
      BELL_FOUNDER: { says: 'was born in the fire of *', holds: 'name' },
      STRIKE_NOTE: {
        says: 'sings on a deep *',
        holds: ['low F sharp', 'middle B flat', 'high E flat', 'low C sharp'],
      },
      CRACK_MENDED: { says: 'lost its crack in *', holds: 'year' },
    },
  },
  {
    title: 'Quilt Exhibition',
    subject: 'QUILT_TITLE',
    columns: {
      PATCH_TOTAL: { says: 'joins * bits of cloth', holds: [40, 990] },
      STITCHED_BY: { says: 'cost many nights of *', holds: 'name' },
      BORDER_MOTIF: {
        says: 'ends in a line of *',
        holds: ['flying geese', 'oak leaves', 'drunken paths', 'twin hearts'],
      },
    },
  },
];

const columns = themes.flatMap((theme) => Object.values(theme.columns));

/** A relation's name as its table has it, and as words. */
const spoken = (relation: string): string => relation.toLowerCase().replaceAll('_', ' ');
const relations = themes.flatMap((theme) => [theme.subject, ...Object.keys(theme.columns)]);

/** What pretraining must never show of mini-dart. */
export const tables: Domain = {
  keys: [...relations, ...relations.map(spoken), '[TABLECONTEXT]', '[TITLE]', 'table context', 'table title'],
  values: listedValues(columns.map(({ holds }) => holds)),
  phrasings: wording(columns.map(({ says }) => says)),
};

/** A row of a table and how much of the table is told: its title, the column of the subject. */
type Row = {
  readonly theme: Theme;
  readonly subject: string;
  readonly event: string;
  readonly cells: readonly (Column & { readonly relation: string; readonly value: string })[];
  readonly titled: boolean;
  readonly named: boolean;
};

/** What a row's texts are put together of. */
type Parts = {
  /** The subject, after the name of its column where that is told. */
  readonly subject: string;
  /** Where it is, or nothing where the title is not told. */
  readonly place: string;
  readonly says: readonly string[];
  /** The values with their columns as nouns. */
  readonly nouns: readonly string[];
};

const atPlace = (place: string): string => (place === '' ? '' : ` at the ${place}`);

/** The ways of saying a row: predicates; the table first and nouns; a noun, then predicates. */
const plans: readonly ((parts: Parts) => string)[] = [
  ({ subject, place, says }) => `${subject} ${series(says)}${atPlace(place)}.`,
  ({ subject, place, nouns }) => `${place === '' ? '' : `at the ${place}, `}${subject} had ${series(nouns)}.`,
  ({ subject, place, says, nouns }) =>
    says.length === 1
      ? `${nouns[0]} was told of ${subject}${atPlace(place)}.`
      : `with ${nouns[0]}, ${subject} ${series(says.slice(1))}${atPlace(place)}.`,
];

/** Some different texts of a row, each by another plan. */
function texts(rng: Random, { theme, subject, event, cells, titled, named }: Row, fewest: number): string[] {
  const parts: Parts = {
    subject: named ? `the ${spoken(theme.subject)} ${subject}` : subject,
    place: titled ? `${event} ${theme.title}` : '',
    says: cells.map(({ says, value }) => says.replace('*', () => value)),
    nouns: cells.map(({ relation, value }) => `a ${spoken(relation)} of ${value}`),
  };
  const said = rng.shuffle(plans).map((plan) => capitalised(plan(parts)));
  return said.slice(0, fewest + rng.integer(2));
}

/** Kinds of tables by how often they come: the first eight times as often as the last. */
const drawTheme = (rng: Random): Theme => {
  const weights = themes.map((_, i) => 1 / (i + 1));
  let left = rng.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  return themes.find((_, i) => (left -= weights[i] as number) < 0) ?? (themes[0] as Theme);
};

/** One row; the texts follow the table's order of columns, the triples none. */
function drawRow(rng: Random, newName: () => string): Row {
  const theme = drawTheme(rng);
  const kept = new Set(rng.shuffle(Object.keys(theme.columns)).slice(0, 1 + rng.integer(3)));
  return {
    theme,
    subject: newName(),
    event: newName(),
    cells: Object.entries(theme.columns)
      .filter(([relation]) => kept.has(relation))
      .map(([relation, column]) => ({
        ...column,
        relation,
        value: drawValue(rng, column.holds, newName),
      })),
    titled: chance(rng, 0.6),
    named: chance(rng, 0.4),
  };
}

/** A row as an entry of the published JSON; half of the entries lack `subtree_was_extended`, as there. */
function entryJson(rng: Random, row: Row, fewest: number): object {
  const tripleset = [
    ...row.cells.map(({ relation, value }) => [row.subject, relation, value]),
    ...(row.named ? [['[TABLECONTEXT]', row.theme.subject, row.subject]] : []),
    ...(row.titled ? [['[TABLECONTEXT]', '[TITLE]', `${row.event} ${row.theme.title}`]] : []),
  ];
  return {
    tripleset: rng.shuffle(tripleset),
    ...(chance(rng, 0.5) ? { subtree_was_extended: row.named } : {}),
    annotations: texts(rng, row, fewest).map((text) => ({ source: 'mini_tables', text })),
  };
}

/**
 * mini-dart as DART's three JSON files: rows of tables as one to five triples in no order, with nodes for the table's
 * context, in two or three texts, in test three. The kinds of tables are many, the later ones rare. No two entries share a subject.
 */
export function miniDart(seed: number): ReadonlyMap<string, string> {
  const fresh = newNames(['Cup', 'Cross', 'Hill', 'Vale', 'Crown']);
  return new Map(
    Object.entries(tripleSizes).map(([split, count]) => {
      const rng = random(seed).fork('dart').fork(split);
      const entries = Array.from({ length: count }, () =>
        entryJson(
          rng,
          drawRow(rng, () => fresh(rng)),
          split === 'test' ? 3 : 2,
        ),
      );
      const lines = entries.map((entry) => `  ${JSON.stringify(entry)}`);
      return [`mini-dart-${split}.json`, `[\n${lines.join(',\n')}\n]\n`];
    }),
  );
}
