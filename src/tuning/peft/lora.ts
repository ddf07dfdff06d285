import { z } from 'zod';
import { lora, type LoraConfig, loraShapes, loraTargets, projections } from '../lora';
import { type PeftFormat, type PeftSettings, type Renamed, renaming } from './peftFormat';

const schema = z.object({
  r: z.int().min(1),
  lora_alpha: z.number().positive(),
  target_modules: z.array(z.enum(projections)).min(1),
  bias: z.literal('none').nullish(),
  use_rslora: z.boolean().nullish(),
});

/** alpha / r here and in peft; its rank-stabilised LoRA has alpha / sqrt(r). */
function config(settings: PeftSettings): LoraConfig {
  const { r, lora_alpha: alpha, target_modules: letters, use_rslora: stabilised } = schema.parse(settings);
  const names = Object.keys(projections) as (keyof typeof projections)[];
  return {
    method: 'lora',
    rank: r,
    alpha: stabilised === true ? alpha * Math.sqrt(r) : alpha,
    targets: names.filter((name) => letters.includes(projections[name])),
  };
}

/** `base_model.model.MODULE.lora_A.weight` `[r, in]` and `lora_B.weight` `[out, r]`. */
export const loraFormat: PeftFormat<LoraConfig> = {
  method: lora,
  type: 'LORA',
  idle: ['fan_in_fan_out', 'init_lora_weights', 'lora_dropout', 'megatron_core', 'qalora_group_size'],
  schema,
  settings: (_shape, { rank, alpha, targets }) => ({
    bias: 'none',
    init_lora_weights: true,
    lora_alpha: alpha,
    lora_dropout: 0,
    r: rank,
    target_modules: targets.map((target) => projections[target]),
  }),
  config,
  ...renaming(
    (shape, { rank, targets }): Renamed[] =>
      loraTargets(shape, targets).flatMap(({ site, weight }) => {
        const module = `base_model.model.${weight.replace(/\.weight$/, '')}`;
        const shapes = loraShapes(shape, rank, targets);
        return (['A', 'B'] as const).map((factor) => {
          const own = shapes[`${site}.${factor}`] as readonly number[];
          return {
            own: `${site}.${factor}`,
            peft: `${module}.lora_${factor}.weight`,
            ownShape: own,
            peftShape: own,
          };
        });
      }),
    config,
  ),
};
