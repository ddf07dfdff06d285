import { chance } from '../names';
import { pattern, plainPatternNames, plainPatterns, realise, styles } from '../patterns';
import { entry, recordFormat, writeRecord } from '../records';
import { spokenKey } from '../slotKey';
import type { PretrainingTask } from './pretrainingTask';

/** The marks of missing spans that the tokenizer has to know. */
export const sentinels: readonly string[] = Array.from({ length: 10 }, (_, i) => `<extra_id_${i}>`);

const startRate = 0.1;

/**
 * T5's span corruption on a record and its sentences: spans of one to four words become `<extra_id_i>` in the source;
 * the target lists them, each after its mark, and ends with one mark more. At least one word is corrupted.
 */
export const span: PretrainingTask = (rng, lexicon) => {
  const facts = entry(rng, lexicon, 6);
  const patterns = new Map(
    facts.slots.map(({ key }) => [
      key,
      chance(rng, 0.5)
        ? plainPatterns[rng.choice(plainPatternNames)](spokenKey(key))
        : pattern(rng, lexicon, key),
    ]),
  );
  const told = `${writeRecord(facts, recordFormat(rng))} => ${realise(facts, patterns, rng.choice(styles))}`;
  const words = told.split(' ');
  const source: string[] = [];
  const target: string[] = [];
  const forced = rng.integer(words.length);
  let spans = 0;
  for (let i = 0; i < words.length;) {
    const starts = chance(rng, startRate) || (spans === 0 && i === forced);
    if (starts && spans < sentinels.length - 1 && !source.at(-1)?.startsWith('<extra_id_')) {
      const length = 1 + rng.integer(4);
      const sentinel = sentinels[spans++] as string;
      source.push(sentinel);
      target.push(sentinel, ...words.slice(i, i + length));
      i += length;
    } else {
      source.push(words[i++] as string);
    }
  }
  target.push(sentinels[spans] as string);
  return { source: source.join(' '), target: target.join(' ') };
};
