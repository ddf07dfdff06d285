import type { Domain } from './separation';
import { wording } from './wording';

/** What a property's object is: a random name, a year, a number in a range, or one of a list. */
type ObjectKind = 'name' | 'year' | readonly [low: number, high: number] | readonly string[];

/** How a property is said (`*` is the object), what its object is, and what is known about that object in turn. */
type Property = { readonly says: string; readonly object: ObjectKind; readonly about?: keyof typeof things };

/** What is said about the objects of properties, which makes chains. */
const things = {
  person: {
    homeHamlet: { says: 'grew up in the hamlet of *', object: 'name' },
    taughtBy: { says: 'learned the craft under *', object: 'name' },
    oathYear: { says: 'took the oath in *', object: 'year' },
  },
  water: {
    tideSpeed: { says: 'runs at * knots at full tide', object: [2, 14] },
    wreckCount: { says: 'hides * sunken wrecks', object: [3, 60] },
  },
  building: {
    benchRows: { says: 'holds * rows of benches', object: [6, 48] },
    roofTiler: { says: 'got its roof from the tiler *', object: 'name' },
  },
} as const satisfies Readonly<
  Record<string, Readonly<Record<string, { readonly says: string; readonly object: ObjectKind }>>>
>;

type Category = Readonly<Record<string, Property>>;

/** The categories that train, dev and test share. */
export const seenCategories: Readonly<Record<string, Category>> = {
  Lighthouse: {
    lampHeight: { says: 'lifts its lamp * metres above the rocks', object: [12, 88] },
    lampKeeper: { says: 'is tended by *', object: 'name', about: 'person' },
    firstLitIn: { says: 'sent out its first beam in *', object: 'year' },
    guardsStrait: { says: 'watches over the narrows of *', object: 'name', about: 'water' },
    beamColour: {
      says: 'throws a * beam over the waves',
      object: ['pale amber', 'deep crimson', 'milky white', 'sea green'],
    },
  },
  SteamFerry: {
    homeQuay: { says: 'ties up at the quay of *', object: 'name', about: 'building' },
    boilerMaker: { says: 'draws its steam from a boiler by *', object: 'name' },
    slipwayYear: { says: 'slid down the slipway in *', object: 'year' },
    ferryCaptain: { says: 'sails under captain *', object: 'name', about: 'person' },
    crossesWater: { says: 'carries people across the *', object: 'name', about: 'water' },
  },
  BrassBand: {
    bandMaster: { says: 'plays under the baton of *', object: 'name', about: 'person' },
    rehearsesAt: { says: 'practises every week at *', object: 'name', about: 'building' },
    tubaPlayers: { says: 'marches with * tubas', object: [2, 19] },
    debutParade: { says: 'led its first parade in *', object: 'year' },
    coatColour: {
      says: 'wears coats of * cloth',
      object: ['bottle green', 'dusty violet', 'mustard yellow', 'midnight blue'],
    },
  },
  StarObservatory: {
    domeWidth: { says: 'sits under a dome * paces wide', object: [5, 60] },
    chiefGazer: { says: 'hands its nightly log to *', object: 'name', about: 'person' },
    cometFound: { says: 'was first to spot the comet *', object: 'name' },
    lensGrinder: { says: 'owes its great lens to *', object: 'name' },
    dataArchive: { says: 'keeps its glass plates at *', object: 'name', about: 'building' },
  },
};

/** The categories that only the test split has. */
export const unseenCategories: Readonly<Record<string, Category>> = {
  Windmill: {
    sailMaker: { says: 'turns on sails sewn by *', object: 'name' },
    mealSacks: { says: 'fills * sacks of meal a day', object: [10, 95] },
    headMiller: { says: 'grinds for the miller *', object: 'name', about: 'person' },
    capTurnedIn: { says: 'got its turning cap in *', object: 'year' },
  },
  PuppetTheatre: {
    stringMaster: { says: 'lets its puppets dance on the strings of *', object: 'name', about: 'person' },
    puppetCount: { says: 'owns * carved puppets', object: [20, 400] },
    winterHall: { says: 'moves indoors to * when it snows', object: 'name', about: 'building' },
    firstCurtain: { says: 'raised its first curtain in *', object: 'year' },
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
  values: properties.flatMap(([, { object }]) =>
    typeof object[0] === 'string' && typeof object !== 'string' ? (object as readonly string[]) : [],
  ),
  phrasings: wording(properties.map(([, { says }]) => says)),
};
