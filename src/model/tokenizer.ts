/** Text to token ids and back. */
export interface Tokenizer {
  /** Number of ids the tokenizer knows; a model's embedding may have more rows. */
  readonly vocabulary: number;
  /** Ids of a text, with what the tokenizer's own template adds (T5: the end token). */
  encode(text: string): number[];
  /** Text of ids; special tokens and ids the tokenizer lacks decode to nothing. */
  decode(ids: readonly number[]): string;
}
