import { splitGraphemes } from 'unicode-segmenter/grapheme';

/** Rewrites text by a charsmap. */
export type Charsmap = (text: string) => string;

// SentencePiece looks up whole user-perceived characters only while they are shorter than this, in UTF-8 bytes.
const LONGEST_CLUSTER = 6;
const MOST_CACHED = 50_000;

/** A cell of the double array: bit 31 and the low byte are the label, bit 8 says that a leaf hangs below. */
const labelOf = (unit: number): number => (unit & 0x800000ff) >>> 0;
const hasLeaf = (unit: number): boolean => ((unit >>> 8) & 1) === 1;
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);

/**
 * Reads the normalisation table that SentencePiece stores in its models: the trie's size in bytes (32 bits, little
 * endian), the trie as a Darts double array, and the replacements, each ended by a zero byte. Throws RangeError when the
 * table is cut short.
 *
 * As in Hugging Face's tokenizers, a user-perceived character shorter than 6 bytes is replaced as a whole by what its
 * shortest listed prefix maps to, otherwise each of its code points is looked up alone.
 *
 * Reference: Kudo and Richardson 2018, arXiv 1808.06226, section 3.2.
 */
export function readCharsmap(base64: string): Charsmap {
  const bytes = Buffer.from(base64, 'base64');
  const trieBytes = bytes.length < 4 ? NaN : bytes.readUInt32LE(0);
  if (!(trieBytes >= 4 && 4 + trieBytes <= bytes.length))
    throw new RangeError(`must hold a whole charsmap, found ${bytes.length} bytes`);
  const trie = Uint32Array.from({ length: trieBytes >>> 2 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const replacements = bytes.subarray(4 + (trie.length << 2));

  const replacementOf = (key: Buffer): string | undefined => {
    let node = offsetOf(trie[0] as number);
    for (const byte of key) {
      node ^= byte;
      const unit = trie[node];
      if (byte === 0 || unit === undefined || labelOf(unit) !== byte) return undefined;
      node ^= offsetOf(unit);
      if (hasLeaf(unit)) {
        const start = (trie[node] as number) & 0x7fffffff;
        const end = replacements.indexOf(0, start);
        return replacements.toString('utf8', start, end === -1 ? undefined : end);
      }
    }
    return undefined;
  };

  const rewrite = (cluster: string): string => {
    const key = Buffer.from(cluster);
    const whole = key.length < LONGEST_CLUSTER ? replacementOf(key) : undefined;
    return whole ?? Array.from(cluster, (c) => replacementOf(Buffer.from(c)) ?? c).join('');
  };

  const cache = new Map<string, string>();
  const rewriteCached = (cluster: string): string => {
    const known = cache.get(cluster);
    if (known !== undefined) return known;
    const result = rewrite(cluster);
    if (cache.size >= MOST_CACHED) cache.clear();
    cache.set(cluster, result);
    return result;
  };

  return (text) => {
    let result = '';
    for (const cluster of splitGraphemes(text)) result += rewriteCached(cluster);
    return result;
  };
}
