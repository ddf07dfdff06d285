import type { TrainEvent } from '../training/trainer';
import { inJupyter, updatableDisplay, type DisplayForms } from './display';
import { escapeHtml } from './escapeHtml';
import { jupyterInterrupt } from './jupyterInterrupt';
import { colours } from './theme';

/** Milliseconds between two updates: of a display in place, and of lines where there is no notebook. */
const pause = { inPlace: 250, lines: 20_000 } as const;
const chart = { width: 240, height: 36 } as const;

type Progress = {
  readonly step: number;
  readonly steps: number;
  /** The step it began after: not 0 where a training is resumed. */
  readonly from: number;
  /** Those that train together now. */
  readonly names: readonly string[];
  readonly seconds: number;
  /** Mean training loss over the runs, by step. */
  readonly losses: readonly number[];
  /** Each run's last training loss. */
  readonly lastLosses: readonly number[] | null;
  /** Each run's last loss on the dev split. */
  readonly devLosses: readonly number[] | null;
  readonly state: 'trains' | 'done' | 'stopped';
};

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function timeText({ step, steps, from, seconds, state }: Progress): string {
  if (state !== 'trains') return `${state} after ${minutes(seconds)}`;
  if (step === from) return from === 0 ? 'starts' : 'goes on';
  return `${minutes(seconds)}, about ${minutes((seconds / (step - from)) * (steps - step))} to go`;
}

function lossText({ names, lastLosses, devLosses }: Progress): string {
  const perRun = (losses: readonly number[]): string =>
    losses.map((loss, i) => `${loss.toFixed(3)} (${names[i]})`).join(', ');
  return [
    ...(lastLosses === null ? [] : [`training loss ${perRun(lastLosses)}`]),
    ...(devLosses === null ? [] : [`dev loss ${perRun(devLosses)}`]),
  ].join('; ');
}

/** The loss from the first step to the last, on a logarithmic scale. */
function lossChart({ losses, steps, from }: Progress): string {
  const heights = losses.map(Math.log);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const points = heights.map((height, i) => {
    const x = ((from + i) / Math.max(1, steps - 1)) * chart.width;
    const y = 2 + (1 - (height - low) / Math.max(high - low, 1e-9)) * (chart.height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const line = `<polyline points="${points.join(' ')}" fill="none" stroke="${colours.promptTuning}" stroke-width="1.5"/>`;
  return `<svg width="${chart.width}" height="${chart.height}" role="img" aria-label="training loss by step">${line}</svg>`;
}

function forms(title: string, progress: Progress): DisplayForms {
  const { step, steps, names } = progress;
  const runs = `${names.length} ${names.length === 1 ? 'run' : 'runs'}`;
  const text = `${title}, ${runs}: step ${step} of ${steps}, ${timeText(progress)}; ${lossText(progress)}`;
  const html =
    `<div style="font-family:sans-serif;font-size:13px;line-height:1.6">` +
    `<b>${escapeHtml(title)}</b>, ${runs} <progress value="${step}" max="${steps}" style="vertical-align:middle;width:240px"></progress> ` +
    `step ${step} of ${steps}, ${timeText(progress)}<br>${lossChart(progress)}<br>${escapeHtml(lossText(progress))}</div>`;
  return { 'text/plain': text, 'text/html': html };
}

/**
 * A live display for one training, updated in place under its cell, and the signal by which Jupyter's interrupt stops
 * the training. Both are options of `trainPopulation` and `trainFewShot`:
 * `trainFewShot(model, config, data, { out, ...trainingProgress('SPT') })`.
 */
export function trainingProgress(title: string): {
  readonly onProgress: (event: TrainEvent) => void;
  readonly signal: AbortSignal;
} {
  const signal = jupyterInterrupt();
  const show = updatableDisplay();
  let progress: Progress | null = null;
  let began = 0;
  let shownAt = 0;
  const update = (force: boolean): void => {
    if (
      progress === null ||
      (!force && performance.now() - shownAt < (inJupyter() ? pause.inPlace : pause.lines))
    )
      return;
    shownAt = performance.now();
    show(forms(title, progress));
  };
  return {
    signal,
    onProgress: (event) => {
      const { step, steps, names } = event;
      // Where a population trains group after group, each starts anew.
      if (event.kind === 'start') {
        progress = null;
        began = performance.now();
      }
      const losses = event.kind === 'step' ? event.losses : null;
      const mean = losses === null ? [] : [losses.reduce((sum, loss) => sum + loss, 0) / losses.length];
      progress = {
        step,
        steps,
        from: progress?.from ?? step,
        names,
        seconds: (performance.now() - began) / 1000,
        losses: [...(progress?.losses ?? []), ...mean],
        lastLosses: losses ?? progress?.lastLosses ?? null,
        devLosses: event.kind === 'evaluation' ? event.devLosses : (progress?.devLosses ?? null),
        state: step === steps ? 'done' : signal.aborted ? 'stopped' : 'trains',
      };
      update(event.kind === 'start' || progress.state !== 'trains');
    },
  };
}
