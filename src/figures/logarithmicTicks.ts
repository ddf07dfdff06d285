/** The numbers digit x 10^power that lie between two others. */
function between(low: number, high: number, digits: readonly number[]): readonly number[] {
  return [-2, -1, 0, 1, 2, 3, 4]
    .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
    .filter((tick) => tick >= low && tick <= high);
}

/**
 * A prompt may be a hundred times as long as the inputs, so norms stand on a logarithmic axis, labelled 1, 2, 5, 10, ..., or
 * 1, 3, 10, ... where those would be more between the shortest and the longest than there is room for.
 */
export function logarithmicTicks(low: number, high: number, most: number): Readonly<Record<string, unknown>> {
  const fine = between(low, high, [1, 2, 5]);
  const tickvals = fine.length <= most ? fine : between(low, high, [1, 3]);
  return { type: 'log', tickvals, zeroline: false };
}
