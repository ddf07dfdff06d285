import { z } from 'zod';
import { ia3, type Ia3Config, ia3Factors } from '../ia3';
import { type PeftFormat, type Renamed, renaming } from './peftFormat';

/** A list of exactly these, in any order. */
const exactly = (...names: readonly string[]): z.ZodType =>
  z.array(z.string()).refine((list) => list.toSorted().join() === names.toSorted().join(), {
    message: `must be ${names.join(', ')}`,
  });

const config = (): Ia3Config => ia3.defaults;

/**
 * `base_model.model.MODULE.ia3_l`: of keys and values `[out, 1]`, of the feed-forward's last map, whose input is scaled,
 * `[1, in]`.
 */
export const ia3Format: PeftFormat<Ia3Config> = {
  method: ia3,
  type: 'IA3',
  idle: ['fan_in_fan_out', 'init_ia3_weights'],
  schema: z.object({ target_modules: exactly('k', 'v', 'wo'), feedforward_modules: exactly('wo') }),
  settings: () => ({
    fan_in_fan_out: false,
    feedforward_modules: ['wo'],
    init_ia3_weights: true,
    target_modules: ['k', 'v', 'wo'],
  }),
  config,
  ...renaming(
    (shape): Renamed[] =>
      ia3Factors(shape).map(({ site, size, weight, scales }) => ({
        own: site,
        peft: `base_model.model.${weight.replace(/\.weight$/, '')}.ia3_l`,
        ownShape: [size],
        peftShape: scales === 'rows' ? [size, 1] : [1, size],
      })),
    config,
  ),
};
