import type { ScalingDefinition } from './scaling';

/** No scale: plain Prompt-Tuning under SPT's configuration. */
export const none: ScalingDefinition = {
  name: 'none',
  shapes: () => ({}),
  init: () => ({}),
  apply: (prompt) => prompt.clone(),
  folds: true,
};
