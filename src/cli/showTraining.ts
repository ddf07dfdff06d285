import type { TrainEvent } from '../training/trainer';
import type { ProgressBar } from './progressBar';

function mean(values: readonly number[]): string {
  return (values.reduce((a, b) => a + b, 0) / values.length).toFixed(3);
}

/** Shows a training's event on a progress bar: step, and the mean of the runs' losses. */
export function showTraining(bar: ProgressBar, event: TrainEvent): void {
  if (event.kind === 'start') bar.start(event.names.join(','), event.steps, event.step);
  else if (event.kind === 'step') bar.update(event.step, `loss ${mean(event.losses)}`);
  else if (event.kind === 'evaluation') bar.update(event.step, `dev loss ${mean(event.devLosses)}`);
}
