import { graph, graphStyles, realiseGraph, writeGraph, writeTable } from '../graphs';
import { chance } from '../names';
import { pattern, plainPatternNames, plainPatterns } from '../patterns';
import { fewSlots, slotKeys } from '../records';
import { shouted, spokenKey } from '../slotKey';
import type { PretrainingTask } from './pretrainingTask';

/**
 * Triples whose subjects differ, the value of one being the subject of another, some of them from a table: to sentences,
 * by patterns or by words of style given in the prefix, or to the value that a question asks for.
 */
export const chain: PretrainingTask = (rng, lexicon) => {
  const isTable = chance(rng, 0.35);
  const drawn = slotKeys(rng, lexicon, 1 + fewSlots(rng, 4));
  const triples = graph(rng, lexicon, isTable && chance(rng, 0.7) ? drawn.map(shouted) : drawn);
  const written = isTable ? writeTable(triples) : writeGraph(triples);
  const kind = rng.uniform();
  if (kind < 0.2) {
    const { subject, key, value } = rng.choice(triples);
    return { source: `what is the ${spokenKey(key)} of ${subject}? ${written}`, target: value };
  }
  const style = rng.choice(graphStyles);
  const keys = [...new Set(triples.map(({ key }) => key))];
  if (kind < 0.5) {
    const plain = rng.choice(plainPatternNames);
    const patterns = new Map(keys.map((key) => [key, plainPatterns[plain](spokenKey(key))]));
    return {
      source: `describe ${style} ${plain}: ${written}`,
      target: realiseGraph(triples, patterns, style),
    };
  }
  const patterns = new Map(rng.shuffle(keys).map((key) => [key, pattern(rng, lexicon, key)]));
  const head = [...patterns].map(([key, text]) => `${key} = ${text}`).join(' ; ');
  return { source: `${head} ; ${style} : ${written}`, target: realiseGraph(triples, patterns, style) };
};
