import type { GenerationConfig } from '../model/generationConfig';
import type { ResultRow } from './resultRow';
import type { RowSpec } from './rows';
import type { Finding, Rule } from './rule';

/** An experiment as data: which rows are measured, by which rules they are judged, and how the card tells it. */
export type Experiment = {
  /** On the command line; its rows are kept in `NAME.jsonl` beside the model. */
  readonly name: string;
  readonly preset: string;
  /** How every text is decoded; what is not said is the default: greedily. */
  readonly generation: Partial<GenerationConfig>;
  /** In the order in which they are measured. */
  readonly rows: readonly RowSpec[];
  readonly rules: readonly Rule[];
  /** The card's part, in Markdown; rows that are missing are left out or shown as missing. */
  readonly card: (rows: readonly ResultRow[], findings: readonly Finding[]) => string;
};
