import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { runBars } from '../../src/cli/runBars';
import type { TrainEvent } from '../../src/training/trainer';

/** What a terminal would be sent. */
function shown(isTTY: boolean, events: readonly Partial<TrainEvent>[]): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200 });
  const bars = runBars(stream as unknown as WriteStream);
  for (const event of events)
    bars.show({ steps: 9, names: ['length-5', 'length-50'], seeds: [1, 1], ...event } as TrainEvent);
  bars.stop();
  return (stream.read() as Buffer | null)?.toString() ?? '';
}

const events: readonly Partial<TrainEvent>[] = [
  { kind: 'start', step: 3 },
  { kind: 'step', step: 4, losses: [0.5, 0.25], learningRates: [1, 1] },
  { kind: 'evaluation', step: 4, devLosses: [0.75, 1.5] },
  { kind: 'start', step: 0, names: ['later'] },
];

test('every run has a line of its own', () => {
  const text = shown(true, events);
  expect(text).toMatch(/length-5 \S+ 4\/9 loss 0\.500 dev loss 0\.750/);
  expect(text).toMatch(/length-50 \S+ 4\/9 loss 0\.250 dev loss 1\.500/);
  expect(text).toMatch(/later \S+ 0\/9/);
});

test('where there is no terminal there is nothing', () => {
  expect(shown(false, events)).toBe('');
});
