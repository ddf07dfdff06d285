export type Schedule = 'constant' | 'linear' | 'cosine';

export type ScheduleConfig = {
  readonly schedule: Schedule;
  readonly steps: number;
  readonly warmupSteps: number;
  /** What is left of the learning rate at the last step; `constant` keeps all of it. */
  readonly finalFraction: number;
};

/**
 * The factor on the learning rate at `step`, counted from 1.
 *
 * It rises as step / warmupSteps, is 1 at step warmupSteps, and falls to finalFraction at the last step: linearly, or
 * as half a cosine. (transformers' schedules count from 0, so there the first warm-up step does nothing.)
 */
export function scheduleFactor(config: ScheduleConfig, step: number): number {
  const { schedule, steps, warmupSteps, finalFraction } = config;
  if (step < warmupSteps) return step / warmupSteps;
  if (schedule === 'constant') return 1;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  const remaining = schedule === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return finalFraction + (1 - finalFraction) * remaining;
}
