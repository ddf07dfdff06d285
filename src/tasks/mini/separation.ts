import { tables } from './dart';
import { bookings } from './dialogue';
import { restaurants } from './e2e';
import { legends } from './questions';
import { spokenKey } from './slotKey';
import { talks } from './summarization';
import { landmarks } from './webnlg';

/** What a downstream set keeps to itself: its slot names, its values of several words, fragments of its phrasings. */
export type Domain = {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly phrasings: readonly string[];
};

/** The domains of all downstream sets. */
export const downstreamDomains: readonly Domain[] = [
  restaurants,
  landmarks,
  tables,
  talks,
  bookings,
  legends,
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const anyOf = (texts: readonly string[]): string => [...new Set(texts)].map(escaped).join('|');

const keys = downstreamDomains.flatMap((domain) => domain.keys);
const severalWords = [
  ...keys.map(spokenKey),
  ...downstreamDomains.flatMap((domain) => [...domain.values, ...domain.phrasings]),
].filter((text) => text.includes(' '));

/** A key stands where a record, a list of patterns or a question has one. */
const keyInRecord = new RegExp(`(?:^|[,;|] |parse \\w+: |: )(?:${anyOf(keys)})(?:\\[| [|=:] )`);
const keyInQuestion = new RegExp(
  `^what is the (?:${anyOf(keys.flatMap((key) => [key, spokenKey(key)]))})\\?`,
);
const reservedWords = new RegExp(`\\b(?:${anyOf(severalWords)})\\b`);

/**
 * Whether a text of pretraining keeps apart from every downstream set: no slot name of theirs as a slot's name, none of
 * their values or phrasings of several words anywhere. Single words may occur in any other role.
 */
export function isSeparate(text: string): boolean {
  return !(keyInRecord.test(text) || keyInQuestion.test(text) || reservedWords.test(text));
}
