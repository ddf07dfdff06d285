import { DataError } from '../errors';
import type { Metric } from './metric';

/** How each value of the E2E slots with few values is said. */
const sayings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  eatType: {
    pub: 'pubs?',
    'coffee shop': 'coffee[- ]?(?:shop|house|place|bar)s?|caf[eé]s?',
    restaurant: 'restaurants?|dining',
  },
  food: {
    English: 'english|british|fish and chips',
    French: 'french',
    Italian: 'italian|pasta|pizzas?',
    Japanese: 'japanese|sushi',
    Chinese: 'chinese',
    Indian: 'indian|curr(?:y|ies)',
    'Fast food': 'fast[- ]foods?',
  },
  priceRange: {
    cheap:
      'cheap(?:ly)?|inexpensive|(?:low|budget|bargain)[- ](?:cost|prices?|priced)|prices? (?:is|are) low|affordable',
    moderate:
      '(?:moderate|average|reasonabl[ey]|mid(?:dle)?)(?:ly)?[- ](?:cost|prices?|priced|range)|moderate|' +
      'pric(?:e|es|ing)(?: range)? (?:is|are) (?:moderate|average|reasonable)',
    high: '(?:high|higher|upscale)(?:ly)?[- ](?:cost|end|prices?|priced)|(?<!in)expensive|price(?: range)? (?:is )?high|prices are high',
    'less than £20': '(?:less than|under|below|lower than|cheaper than) ?£? ?20',
    '£20-25': '£? ?20 ?(?:-|–|to|and) ?£? ?25',
    'more than £30': '(?:more than|over|above|higher than|at least) ?£? ?30',
  },
  'customer rating': {
    low: '(?:low|poor)(?:ly)?(?:[- ]| customer )*(?:rat(?:ed|ing|ings)|reviews?|satisfaction)|rat(?:ed|ing|ings) (?:is |are |as |of )*(?:low|poor)',
    average:
      '(?:average|decent|moderate)(?:ly)?(?:[- ]| customer )*(?:rat(?:ed|ing|ings)|reviews?)|rat(?:ed|ing|ings) (?:is |are |as |of )*(?:average|decent|moderate)',
    high: '(?:high|highly|excellent|great|good)(?:[- ]| customer )*(?:rat(?:ed|ing|ings)|reviews?)|rat(?:ed|ing|ings) (?:is |are |as |of )*(?:high|excellent|good)',
    '1 out of 5': '(?:1|one)[- ](?:out )?of[- ](?:5|five)|(?:1|one)[- ]stars?|1 ?/ ?5',
    '3 out of 5': '(?:3|three)[- ](?:out )?of[- ](?:5|five)|(?:3|three)[- ]stars?|3 ?/ ?5',
    '5 out of 5': '(?:5|five)[- ](?:out )?of[- ](?:5|five)|(?:5|five)[- ]stars?|5 ?/ ?5',
  },
  area: {
    riverside: 'river ?side|(?:by|near|along|beside|on|at) the (?:bank of the )?river',
    'city centre':
      '(?:city|town)[- ]?cent(?:re|er)|cent(?:re|er) of (?:the )?(?:city|town)|in the cent(?:re|er)|downtown',
  },
};

const familyWords = '(?:famil(?:y|ies)|kids?|child(?:ren)?)';
const negation =
  "(?:not?|non|n't|never|isn't|aren't|doesn't|don't|unsuitable|adults?[- ]only|without|lacks?)(?:[- ]\\w+){0,4}?[- ]";

const whole = (pattern: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, 'iu');
const patterns = Object.fromEntries(
  Object.entries(sayings).map(([slot, values]) => [
    slot,
    Object.fromEntries(Object.entries(values).map(([value, said]) => [value, whole(said)])),
  ]),
);
const saysFamily = whole(`${familyWords}|adults?[- ]only`);
const saysNoFamily = new RegExp(
  `${negation}${familyWords}|${familyWords}[- ](?:un)friendly(?<=unfriendly)|adults?[- ]only`,
  'iu',
);

/** An MR's slots: `name[The Mill], food[English]`. */
function slotsOf(mr: string): readonly (readonly [slot: string, value: string])[] {
  return [...mr.matchAll(/([^,[\]]+)\[([^\]]*)\]/g)].map(([, slot = '', value = '']) => [
    slot.trim(),
    value.trim(),
  ]);
}

/** Whether a text says a slot's value; of slots that take any value, whether it holds it. */
function says(text: string, slot: string, value: string): boolean {
  if (slot === 'familyFriendly')
    return value === 'no' ? saysNoFamily.test(text) : saysFamily.test(text) && !saysNoFamily.test(text);
  const known = patterns[slot]?.[value];
  if (known !== undefined) return known.test(text);
  const bare = value.replace(/^the /i, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return whole(bare).test(text);
}

/** What a text says that its MR does not: slots of few values that the MR lacks. */
function added(text: string, present: ReadonlySet<string>, names: string): number {
  // A name such as Café Rouge or The Cricketers Pub says nothing of the eatType.
  const rest = names === '' ? text : text.replace(new RegExp(names, 'giu'), ' ');
  const spoken = Object.entries(patterns).filter(
    ([slot, values]) => !present.has(slot) && Object.values(values).some((said) => said.test(rest)),
  );
  return spoken.length + (!present.has('familyFriendly') && saysFamily.test(rest) ? 1 : 0);
}

function statistics(mr: string, text: string): number[] {
  const slots = slotsOf(mr);
  const present = new Set(slots.map(([slot]) => slot));
  const names = slots
    .filter(([slot]) => slot === 'name' || slot === 'near')
    .map(([, value]) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|');
  const missing = slots.filter(([slot, value]) => !says(text, slot, value)).length;
  return [missing + added(text, present, names), slots.length];
}

/**
 * Slot error rate of E2E texts by patterns: slots of the MR that the text does not say, or says wrongly, plus slots that it
 * says without being asked, over the MRs' slots; 0 is best. Patterns miss rare wordings: compare systems, trust no digit.
 *
 * Reference: Dusek, Howcroft and Rieser 2019, "Semantic Noise Matters for Neural Natural Language Generation".
 */
export function slotErrorRate(mrs: readonly string[]): Metric {
  return {
    name: 'slot-error-rate',
    statistics(hypotheses) {
      if (hypotheses.length !== mrs.length)
        throw new DataError(
          `slot-error-rate: hypotheses and MRs must be as many; found ${hypotheses.length} and ${mrs.length}`,
        );
      return hypotheses.map((text, i) => statistics(mrs[i] ?? '', text));
    },
    score: ([errors = 0, slots = 0]) => (slots === 0 ? 0 : errors / slots),
    signature: () => 'slots:e2e|by:patterns',
  };
}
