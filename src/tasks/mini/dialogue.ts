import { random, type Random } from '../../tensor/random';
import type { Domain } from './separation';
import { newNames, transferSizes } from './splits';
import { drawValue, listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/** How a slot is told, asked for and checked; `*` is the value. */
type DialogueSlot = {
  readonly tells: string;
  readonly asks: string;
  readonly holds: ValueKind;
};

/** The services that a user talks to, by their folder; slot names are written together, as in the published set. */
const services: Readonly<
  Record<string, { readonly calls: string; readonly slots: Readonly<Record<string, DialogueSlot>> }>
> = {
  campsite: {
    calls: 'pitching ground',
    slots: {
      pitchsurface: {
        tells: 'lets you peg your tent into *',
        asks: 'what should be under your groundsheet',
        holds: ['short turf', 'pine needles', 'river gravel', 'packed sand'],
      },
      nightrate: {
        tells: 'charges * coins a night',
        asks: 'what may a night under canvas cost',
        holds: [4, 60],
      },
      wardenname: { tells: 'is run by warden *', asks: 'which warden do you want to see', holds: 'name' },
      campfirerule: {
        tells: 'allows campfires *',
        asks: 'when do you want to light your campfire',
        holds: ['after dusk', 'on weekends only', 'in stone rings', 'beside the lake'],
      },
      nearbytrail: {
        tells: 'starts the trail to *',
        asks: 'which trail would you like to walk from there',
        holds: 'name',
      },
    },
  },
  piano: {
    calls: 'upright',
    slots: {
      keycoating: {
        tells: 'has its keys coated in *',
        asks: 'what do you like to feel on the keys',
        holds: ['bone veneer', 'polished resin', 'matt acrylic', 'old ivory'],
      },
      pedalcount: { tells: 'comes with * pedals', asks: 'how many pedals do you step on', holds: [1, 5] },
      tunername: { tells: 'was last tuned by *', asks: 'who shall tune it for you', holds: 'name' },
      soundboard: {
        tells: 'sings through a board of *',
        asks: 'which wood should carry the sound',
        holds: ['red spruce', 'silver fir', 'aged larch', 'stone pine'],
      },
      rentalweeks: {
        tells: 'can be kept for * weeks',
        asks: 'how many weeks will you keep it',
        holds: [2, 50],
      },
    },
  },
  museumtour: {
    calls: 'guided round',
    slots: {
      guidename: {
        tells: 'is led by the guide *',
        asks: 'whose voice would you like to follow',
        holds: 'name',
      },
      wingvisited: {
        tells: 'takes you through the wing of *',
        asks: 'which wing do you long to see',
        holds: ['sea charts', 'tin toys', 'clay masks', 'cave drawings'],
      },
      groupsize: {
        tells: 'walks with * guests at most',
        asks: 'how many guests will walk along',
        holds: [5, 45],
      },
      meetingpoint: {
        tells: 'sets off from the door of *',
        asks: 'at whose door do you start',
        holds: 'name',
      },
    },
  },
};

/** How an act begins: what is told in it stands for `{told}`, what it is about for `{name}`, `{calls}` and `{asked}`. */
const acts = {
  inform: ['{name} {told} .', 'the {calls} {name} {told} .', 'at your service : {name} {told} .'],
  recommend: [
    'my tip for you is {name} , which {told} .',
    'you will not regret {name} . it {told} .',
    'why not the {calls} {name} ? it {told} .',
  ],
  confirm: [
    'so you are after {name} , which {told} , right ?',
    'did i hear you want {name} , as it {told} ?',
  ],
  request: ['before i book {name} , {asked} ?', '{asked} ? i need that for {name} .'],
} as const;

const slots = Object.values(services).flatMap((service) => Object.entries(service.slots));

/** What pretraining must never show of mini-dialogue. */
export const bookings: Domain = {
  keys: slots.map(([key]) => key),
  values: listedValues(slots.map(([, { holds }]) => holds)),
  phrasings: [
    ...wording(slots.flatMap(([, { tells, asks }]) => [tells, asks])),
    ...wording(Object.values(acts).flat()),
  ],
};

/** The services' names, which are the set's folders. */
export const serviceNames = Object.keys(services);

/** A dialogue act as published, and what a system says for it, one text a way of saying. */
function drawAct(
  rng: Random,
  service: string,
  name: string,
  newName: () => string,
): [act: string, texts: string[]] {
  const { calls, slots } = services[service] as (typeof services)[string];
  const act = rng.choice(Object.keys(acts) as (keyof typeof acts)[]);
  const count = act === 'request' ? 1 : 1 + rng.integer(3);
  const chosen = rng
    .shuffle(Object.entries(slots))
    .slice(0, count)
    .map(([slot, { tells, asks, holds }]) => {
      const value = act === 'request' ? '?' : drawValue(rng, holds, newName);
      return { slot, value, told: tells.replace('*', () => value), asks };
    });
  const told = chosen.map((slot) => slot.told).join(' and ');
  const asked = chosen.map((slot) => slot.asks).join(' and ');
  const values: Readonly<Record<string, string>> = { name, calls, told, asked };
  return [
    `${act}(${[`name=${name}`, ...chosen.map(({ slot, value }) => `${slot}=${value}`)].join(';')})`,
    acts[act].map((text) => text.replace(/\{(\w+)\}/g, (_, hole: string) => values[hole] as string)),
  ];
}

/**
 * mini-dialogue as FewShotWOZ's JSON files, a folder a service: `[act, text, text]`, in dev and test two rows with
 * different texts an act. Unlike the published set it has a dev split. No two acts share a name.
 */
export function miniDialogue(seed: number): ReadonlyMap<string, string> {
  const fresh = newNames(['meadow', 'mill', 'bank'], (name) => name.toLowerCase());
  const files = new Map<string, string>();
  for (const [split, count] of Object.entries(transferSizes)) {
    const rng = random(seed).fork('dialogue').fork(split);
    const rows = new Map<string, string[]>(serviceNames.map((service) => [service, []]));
    for (let i = 0; i < count; i++) {
      const service = rng.choice(serviceNames);
      const [act, texts] = drawAct(rng, service, fresh(rng), () => fresh(rng));
      for (const text of rng.shuffle(texts).slice(0, split === 'train' ? 1 : 2))
        rows.get(service)?.push(JSON.stringify([act, text, text]));
    }
    for (const [service, lines] of rows)
      files.set(`${service}/${split}.json`, `[\n  ${lines.join(',\n  ')}\n]\n`);
  }
  return files;
}
