import { MultiBar, type SingleBar } from 'cli-progress';
import type { WriteStream } from 'node:tty';
import type { TrainEvent } from '../training/trainer';

/** Progress of a training on stderr, a line a run: steps, last loss, last loss on the dev split. */
export type RunBars = { show(event: TrainEvent): void; stop(): void };

const silent: RunBars = { show: () => undefined, stop: () => undefined };

/** A bar a run, or none where the stream is no terminal. */
export function runBars(stream: WriteStream = process.stderr): RunBars {
  if (!stream.isTTY) return silent;
  const all = new MultiBar({
    stream,
    format: '{name} {bar} {value}/{total} {loss} {dev} | {eta_formatted} left',
    hideCursor: false,
    gracefulExit: false,
  });
  const bars = new Map<string, SingleBar>();
  return {
    show: (event) => {
      event.names.forEach((name, run) => {
        const bar = bars.get(name) ?? all.create(event.steps, event.step, { name, loss: '', dev: '' });
        bars.set(name, bar);
        if (event.kind === 'step') bar.update(event.step, { loss: `loss ${event.losses[run]?.toFixed(3)}` });
        if (event.kind === 'evaluation') bar.update({ dev: `dev loss ${event.devLosses[run]?.toFixed(3)}` });
      });
    },
    stop: () => {
      all.stop();
    },
  };
}
