/** A prompt may be ten times as long as the inputs, so norms stand on a logarithmic axis, labelled 1, 2, 5, 10, ... */
export const logarithmicTicks = {
  type: 'log',
  tickvals: [-2, -1, 0, 1, 2, 3].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`))),
  zeroline: false,
} as const;
