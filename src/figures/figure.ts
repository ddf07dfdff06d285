/** What a figure's numbers rest on; stands in its caption and in its files. */
export type FigureSource = {
  /** `mini` or `paper`, or what else was measured; never left out, so that no mini result passes for another. */
  readonly preset: string;
  /** What was counted, e.g. `60 test items`. */
  readonly n: string;
  readonly seeds: readonly number[];
};

/** A figure before it is drawn: Plotly's plain JSON, the source of its numbers, and the numbers themselves. */
export type Figure = {
  readonly title: string;
  readonly source: FigureSource;
  /** How to read it: what the marks and intervals are. */
  readonly note: string;
  readonly traces: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly width: number;
  readonly height: number;
  /** The numbers behind it, as JSON. */
  readonly numbers: unknown;
};

/** `seeds 1 to 3`, or `seeds 1, 4, 7`. */
function seedsText(seeds: readonly number[]): string {
  const [first, last] = [seeds[0], seeds.at(-1)];
  if (first === undefined || last === undefined) return 'no seed';
  if (seeds.length === 1) return `seed ${first}`;
  const isRange = seeds.length > 2 && seeds.every((seed, i) => seed === first + i);
  return `seeds ${isRange ? `${first} to ${last}` : seeds.join(', ')}`;
}

/** The line that says what a figure's numbers rest on. */
export function captionText({ preset, n, seeds }: FigureSource): string {
  return `${preset} preset · ${n} · ${seedsText(seeds)}`;
}
