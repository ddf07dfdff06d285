import { SingleBar } from 'cli-progress';

export type ProgressBar = {
  /** Begins a new count. */
  start(label: string, total: number, value: number): void;
  update(value: number, note: string): void;
  stop(): void;
};

const silent: ProgressBar = { start: () => undefined, update: () => undefined, stop: () => undefined };

/** A progress bar on stderr, or none where stderr is no terminal. */
export function progressBar(): ProgressBar {
  if (!process.stderr.isTTY) return silent;
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{label} {bar} {value}/{total} {note} | {eta_formatted} left',
    hideCursor: false,
    gracefulExit: false,
  });
  return {
    start: (label, total, value) => {
      bar.stop();
      bar.start(total, value, { label, note: '' });
    },
    update: (value, note) => bar.update(value, { note }),
    stop: () => bar.stop(),
  };
}
