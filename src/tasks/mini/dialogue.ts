import type { Domain } from './separation';
import { listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/** How a slot is told, asked for and checked; `*` is the value. */
type DialogueSlot = {
  readonly tells: string;
  readonly asks: string;
  readonly holds: ValueKind;
};

/** The services that a user talks to, by their folder; slot names are written together, as in the published set. */
export const services: Readonly<
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
export const acts = {
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
