import type { Domain } from './separation';
import { listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/** How a property is said (`*` is the object), what its object is, and what is known about that object in turn. */
type Property = { readonly says: string; readonly object: ValueKind; readonly about?: keyof typeof things };

/** What is said about the objects of properties, which makes chains. */
const things = {
  person: {
    homeHamlet: { says: 'grew up in the hamlet of *', object: 'name' },
    craftTeacher: { says: 'learned the craft under *', object: 'name' },
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
  Record<string, Readonly<Record<string, { readonly says: string; readonly object: ValueKind }>>>
>;

type Category = Readonly<Record<string, Property>>;

/** The categories that train, dev and test share. */
export const seenCategories: Readonly<Record<string, Category>> = {
  Lighthouse: {
    lampHeight: { says: 'lifts its lamp * metres above the rocks', object: [12, 88] },
    lampKeeper: { says: 'is tended by *', object: 'name', about: 'person' },
    firstBeamYear: { says: 'sent out its first beam in *', object: 'year' },
    guardedStrait: { says: 'watches over the narrows of *', object: 'name', about: 'water' },
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
    ferriedWater: { says: 'carries people across the *', object: 'name', about: 'water' },
  },
  BrassBand: {
    bandMaster: { says: 'plays under the baton of *', object: 'name', about: 'person' },
    rehearsalHall: { says: 'practises every week at *', object: 'name', about: 'building' },
    tubaPlayers: { says: 'marches with * tubas', object: [2, 19] },
    debutParadeYear: { says: 'led its first parade in *', object: 'year' },
    coatColour: {
      says: 'wears coats of * cloth',
      object: ['bottle green', 'dusty violet', 'mustard yellow', 'midnight blue'],
    },
  },
  StarObservatory: {
    domeWidth: { says: 'sits under a dome * paces wide', object: [5, 60] },
    chiefGazer: { says: 'hands its nightly log to *', object: 'name', about: 'person' },
    foundComet: { says: 'was first to spot the comet *', object: 'name' },
    lensGrinder: { says: 'owes its great lens to *', object: 'name' },
    plateArchive: { says: 'keeps its glass plates at *', object: 'name', about: 'building' },
  },
};

/** The categories that only the test split has. */
export const unseenCategories: Readonly<Record<string, Category>> = {
  Windmill: {
    sailMaker: { says: 'turns on sails sewn by *', object: 'name' },
    mealSacks: { says: 'fills * sacks of meal a day', object: [10, 95] },
    headMiller: { says: 'grinds for the miller *', object: 'name', about: 'person' },
    turningCapYear: { says: 'got its turning cap in *', object: 'year' },
  },
  PuppetTheatre: {
    stringMaster: { says: 'lets its puppets dance on the strings of *', object: 'name', about: 'person' },
    puppetCount: { says: 'owns * carved puppets', object: [20, 400] },
    winterHall: { says: 'moves indoors to * when it snows', object: 'name', about: 'building' },
    firstCurtainYear: { says: 'raised its first curtain in *', object: 'year' },
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
