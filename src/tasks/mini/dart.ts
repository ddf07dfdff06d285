import { random, type Random } from '../../tensor/random';
import { capitalised, chance } from './names';
import { series } from './phrases';
import type { Domain } from './separation';
import { newNames, tripleSizes } from './splits';
import { drawValue, listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/** A relation of a table's row, said as a predicate and as a noun phrase; `*` is the value. */
type Column = { readonly says: string; readonly noun: string; readonly holds: ValueKind };

/** A kind of table: what its title ends in, the column of its subjects, how a text names the table, its columns. */
type Theme = {
  readonly title: string;
  readonly subject: string;
  readonly frame: string;
  readonly columns: Readonly<Record<string, Column>>;
};

/** The tables' kinds, the commonest first. */
const themes: readonly Theme[] = [
  {
    title: 'Regatta',
    subject: 'ROWING_CREW',
    frame: 'at the * regatta',
    columns: {
      STROKE_RATE: { says: 'pulled * strokes a minute', noun: 'a stroke rate of *', holds: [24, 48] },
      HULL_BUILDER: { says: 'raced in a hull by *', noun: 'a hull from the yard of *', holds: 'name' },
      LANE_DRAWN: { says: 'drew lane * by lot', noun: 'a place in lane *', holds: [1, 9] },
      COXSWAIN_SEAT: { says: 'was steered by *', noun: '* in the coxswain seat', holds: 'name' },
    },
  },
  {
    title: 'Rose Show',
    subject: 'ROSE_VARIETY',
    frame: 'among the roses of the * show',
    columns: {
      ROSE_BREEDER: { says: 'was raised by the breeder *', noun: '* as its breeder', holds: 'name' },
      PETAL_TALLY: { says: 'opened * petals', noun: 'a full tally of * petals', holds: [18, 120] },
      ROSETTE_WON: {
        says: 'took the * rosette home',
        noun: 'a * rosette on its stem',
        holds: ['plum purple', 'straw gold', 'snow white', 'coal black'],
      },
      SCENT_JUDGE: { says: 'pleased the nose of *', noun: 'praise for its scent from *', holds: 'name' },
    },
  },
  {
    title: 'Signal Box List',
    subject: 'SIGNAL_BOX',
    frame: 'on the * line',
    columns: {
      LEVER_FRAME: {
        says: 'works * levers in one frame',
        noun: 'one long frame of * levers',
        holds: [8, 90],
      },
      MILE_POST: { says: 'stands beside mile post *', noun: 'mile post * at its steps', holds: [2, 300] },
      NIGHT_SIGNALMAN: { says: 'is manned at night by *', noun: '* on its night turn', holds: 'name' },
      BRICKED_UP: { says: 'was bricked up in *', noun: 'bricked windows since *', holds: 'year' },
    },
  },
  {
    title: 'Chess League',
    subject: 'CHESS_CLUB',
    frame: 'in the * chess league',
    columns: {
      FIRST_BOARD: { says: 'trusts its first board to *', noun: '* on the first board', holds: 'name' },
      DRAWN_GAMES: { says: 'split the point in * games', noun: '* drawn games to its name', holds: [2, 40] },
      CLUB_CELLAR: { says: 'meets in the cellar of *', noun: 'tables in the cellar of *', holds: 'name' },
    },
  },
  {
    title: 'Cheese Fair',
    subject: 'CHEESE_WHEEL',
    frame: 'on the counters of the * fair',
    columns: {
      CAVE_MONTHS: {
        says: 'ripened * months in the cave',
        noun: '* months of cave ripening',
        holds: [3, 40],
      },
      RIND_WASH: {
        says: 'had its rind washed with *',
        noun: 'a rind washed with *',
        holds: ['plum brandy', 'cider lees', 'salted whey', 'walnut ale'],
      },
      HERD_OWNER: { says: 'came from the herd of *', noun: 'milk from the herd of *', holds: 'name' },
    },
  },
  {
    title: 'Kite Contest',
    subject: 'KITE_NAME',
    frame: 'above the field of the * contest',
    columns: {
      LINE_PAID_OUT: {
        says: 'climbed on * yards of line',
        noun: '* yards of line paid out',
        holds: [60, 900],
      },
      KITE_FLYER: { says: 'was held by the flyer *', noun: 'its line in the hands of *', holds: 'name' },
      TAIL_CLOTH: {
        says: 'trailed a tail of *',
        noun: 'a long tail of *',
        holds: ['oiled linen', 'raw calico', 'striped ticking', 'waxed muslin'],
      },
    },
  },
  {
    title: 'Bell Register',
    subject: 'TOWER_BELL',
    frame: 'in the register of the bells of *',
    columns: {
      BELL_FOUNDER: { says: 'was cast in the foundry of *', noun: '* as its founder', holds: 'name' },
      STRIKE_NOTE: {
        says: 'strikes the note *',
        noun: 'a strike note of *',
        holds: ['low F sharp', 'middle B flat', 'high E flat', 'low C sharp'],
      },
      CRACK_MENDED: { says: 'had a crack mended in *', noun: 'a crack mended in *', holds: 'year' },
    },
  },
  {
    title: 'Dive Log',
    subject: 'DIVE_NUMBER',
    frame: 'in the dive log of the *',
    columns: {
      AIR_LEFT: { says: 'came up with * bars of air left', noun: '* bars of air left', holds: [20, 110] },
      REEF_ENTERED: { says: 'went down at the reef of *', noun: 'a descent at the reef of *', holds: 'name' },
      DIVE_BUDDY: { says: 'paired the diver with *', noun: '* as the buddy', holds: 'name' },
    },
  },
  {
    title: 'Quilt Exhibition',
    subject: 'QUILT_TITLE',
    frame: 'on the walls of the * exhibition',
    columns: {
      PATCH_TOTAL: { says: 'joins * patches', noun: 'a grand sum of * patches', holds: [40, 990] },
      STITCHED_BY: { says: 'was stitched by the hands of *', noun: 'every stitch by *', holds: 'name' },
      BORDER_MOTIF: {
        says: 'is edged with a border of *',
        noun: 'a sewn border of *',
        holds: ['flying geese', 'oak leaves', 'drunken paths', 'twin hearts'],
      },
    },
  },
  {
    title: 'Sled Race',
    subject: 'SLED_TEAM',
    frame: 'on the trail of the * race',
    columns: {
      LEAD_HUSKY: { says: 'ran behind the husky *', noun: '* as its lead husky', holds: 'name' },
      BIB_WORN: { says: 'started with bib *', noun: 'the bib with number *', holds: [1, 80] },
      FROZEN_NIGHTS: { says: 'camped * nights on the ice', noun: '* nights on the ice', holds: [2, 14] },
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
  phrasings: wording([
    ...columns.flatMap(({ says, noun }) => [says, noun]),
    ...themes.map(({ frame }) => frame),
  ]),
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
  readonly frame: string;
  readonly says: readonly string[];
  readonly nouns: readonly string[];
};

/** The ways of saying a row: predicates; the table first and noun phrases; a noun phrase first. */
const plans: readonly ((parts: Parts) => string)[] = [
  ({ subject, frame, says }) => `${subject} ${series(says)}${frame === '' ? '' : ` ${frame}`}.`,
  ({ subject, frame, nouns }) => `${frame === '' ? '' : `${frame}, `}${subject} had ${series(nouns)}.`,
  ({ subject, frame, says, nouns }) => {
    const rest = says.slice(1);
    const place = frame === '' ? '' : `${frame}, `;
    return rest.length === 0
      ? `with ${nouns[0]}, ${place}${subject} made the list.`
      : `with ${nouns[0]}, ${place}${subject} ${series(rest)}.`;
  },
];

/** Two or three different texts of a row, each by another plan; plans may say a short row alike. */
function texts(rng: Random, { theme, subject, event, cells, titled, named }: Row): string[] {
  const parts: Parts = {
    subject: named ? `the ${spoken(theme.subject)} ${subject}` : subject,
    frame: titled ? theme.frame.replace('*', () => event) : '',
    says: cells.map(({ says, value }) => says.replace('*', () => value)),
    nouns: cells.map(({ noun, value }) => noun.replace('*', () => value)),
  };
  const said = rng.shuffle(plans).map((plan) => capitalised(plan(parts)));
  return [...new Set(said)].slice(0, 2 + rng.integer(2));
}

/** Kinds of tables by how often they come: the first ten times as often as the tenth. */
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
function entryJson(rng: Random, row: Row): object {
  const tripleset = [
    ...row.cells.map(({ relation, value }) => [row.subject, relation, value]),
    ...(row.named ? [['[TABLECONTEXT]', row.theme.subject, row.subject]] : []),
    ...(row.titled ? [['[TABLECONTEXT]', '[TITLE]', `${row.event} ${row.theme.title}`]] : []),
  ];
  return {
    tripleset: rng.shuffle(tripleset),
    ...(chance(rng, 0.5) ? { subtree_was_extended: row.named } : {}),
    annotations: texts(rng, row).map((text) => ({ source: 'mini_tables', text })),
  };
}

/**
 * mini-dart as DART's three JSON files: rows of tables as one to five triples in no order, with nodes for the table's
 * context, in two or three texts. The kinds of tables are many, the later ones rare. No two entries share a subject.
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
        ),
      );
      const lines = entries.map((entry) => `  ${JSON.stringify(entry)}`);
      return [`dart-v1.1.1-full-${split}.json`, `[\n${lines.join(',\n')}\n]\n`];
    }),
  );
}
