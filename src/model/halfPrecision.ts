const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The upper bits of `word` after dropping its lowest `count`, rounded to nearest, ties to even. */
function roundedShift(word: number, count: number): number {
  const kept = word >>> count;
  const rest = word & (2 ** count - 1);
  const half = 2 ** (count - 1);
  return kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
}

/** The bits of the bfloat16 nearest to a float32 (ties to even; beyond the range, infinity). */
export function toBF16(value: number): number {
  floats[0] = value;
  const word = bits[0] as number;
  if (Number.isNaN(value)) return (word >>> 16) | 0x40;
  return roundedShift(word, 16);
}

/** The bits of the float16 nearest to a float32 (ties to even; beyond the range, infinity). */
export function toF16(value: number): number {
  floats[0] = value;
  const word = bits[0] as number;
  const sign = (word >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const exponent = ((word >>> 23) & 0xff) - 112;
  const fraction = word & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  // A carry out of the fraction runs into the exponent, which is what rounding up across a power of two needs.
  if (exponent > 0) return sign | roundedShift((exponent << 23) | fraction, 13);
  if (exponent < -10) return sign;
  return sign | roundedShift(fraction | 0x800000, 14 - exponent);
}

/** The number that float16 bits stand for. */
function fromF16(word: number): number {
  const sign = word & 0x8000 ? -1 : 1;
  const exponent = (word >>> 10) & 0x1f;
  const fraction = word & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const f16Values = Float32Array.from({ length: 65536 }, (_, word) => fromF16(word));

/** The numbers that float16 bits stand for. */
export function widenF16(words: Uint16Array): Float32Array {
  const result = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) result[i] = f16Values[words[i] as number] as number;
  return result;
}

/** The numbers that bfloat16 bits, the upper half of a float32's, stand for. */
export function widenBF16(words: Uint16Array): Float32Array {
  const result = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i++) result[i] = (words[i] as number) << 16;
  return new Float32Array(result.buffer);
}
