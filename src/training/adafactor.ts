import { tf } from '../tensor/backend';
import { type LearningRates, type Optimizer, rateTensor, tensorNamed } from './optimizer';

export type AdafactorConfig = {
  readonly name: 'adafactor';
  /** The second moment's decay at step t is 1 - t^decayRate. */
  readonly decayRate: number;
  /** An update's root mean square is brought down to this. */
  readonly clipThreshold: number;
  /** Decay of the first moment; null keeps none. */
  readonly beta1: number | null;
  /** Added to the squared gradient. */
  readonly epsilon1: number;
  /** The least parameter scale, where `scaleParameter`. */
  readonly epsilon2: number;
  readonly weightDecay: number;
  /** Learning rates are relative to the parameter's root mean square. */
  readonly scaleParameter: boolean;
};

/** Root mean square of each run, `[runs, 1, ...]` of the tensor's rank. */
function runRms(tensor: tf.Tensor): tf.Tensor {
  const axes = tensor.shape.map((_, axis) => axis).slice(1);
  return axes.length === 0 ? tensor.abs() : tensor.square().mean(axes, true).sqrt();
}

/** A matrix in each run: `[runs, ..., n, m]`. */
const isFactored = (tensor: tf.Tensor): boolean => tensor.rank >= 3;

/**
 * Adafactor as transformers' `Adafactor(relative_step=False)` defines it, of each run alone: what is a vector in a run
 * (`[runs, n]` here) is not factored, a matrix (`[runs, n, m]`) is, over n and m, and the clipping of the update by
 * its root mean square never looks at another run.
 *
 *     v <- b v + (1 - b) (g^2 + epsilon1) with b = 1 - t^decayRate; a matrix keeps only its row and column means
 *     u = g / sqrt(v);  u <- u / max(1, rms(u) / clipThreshold);  p <- p - lr weightDecay p - lr u
 *
 * Reference: Shazeer and Stern, Adafactor, arXiv 1804.04235, algorithms 4 and 5.
 */
export function adafactor(config: AdafactorConfig): Optimizer {
  const { decayRate, clipThreshold, beta1, epsilon1, epsilon2, weightDecay, scaleParameter } = config;
  return {
    init: (params) =>
      Object.fromEntries(
        Object.entries(params).flatMap(([name, param]): [string, tf.Tensor][] => {
          const { shape } = param;
          const second: [string, tf.Tensor][] = isFactored(param)
            ? [
                [`row.${name}`, tf.zeros(shape.slice(0, -1))],
                [`column.${name}`, tf.zeros([...shape.slice(0, -2), ...shape.slice(-1)])],
              ]
            : [[`second.${name}`, tf.zeros(shape)]];
          return beta1 === null ? second : [...second, [`first.${name}`, tf.zeros(shape)]];
        }),
      ),
    update: (grads, state, params, learningRates, step) =>
      tf.tidy(() => {
        const decay = 1 - step ** decayRate;
        const nextParams: Record<string, tf.Tensor> = {};
        const nextState: Record<string, tf.Tensor> = {};
        const average = (key: string, value: tf.Tensor): tf.Tensor => {
          const next = tensorNamed(state, key)
            .mul(decay)
            .add(value.mul(1 - decay));
          nextState[key] = next;
          return next;
        };
        for (const [name, param] of Object.entries(params)) {
          const gradient = tensorNamed(grads, name);
          const squared = gradient.square().add(epsilon1);
          let direction: tf.Tensor;
          if (isFactored(param)) {
            const row = average(`row.${name}`, squared.mean(-1));
            const column = average(`column.${name}`, squared.mean(-2));
            const rowFactor = row.div(row.mean(-1, true)).rsqrt().expandDims(-1);
            direction = rowFactor.mul(column.rsqrt().expandDims(-2)).mul(gradient);
          } else {
            direction = average(`second.${name}`, squared).rsqrt().mul(gradient);
          }
          const clip = runRms(direction).div(clipThreshold).maximum(1);
          const rate = rateTensor(learningRates[name] as LearningRates[string], param.rank);
          const rates = scaleParameter ? runRms(param).maximum(epsilon2).mul(rate) : rate;
          let change = direction.mul(rates.div(clip));
          if (beta1 !== null) {
            const key = `first.${name}`;
            change = tensorNamed(state, key)
              .mul(beta1)
              .add(change.mul(1 - beta1));
            nextState[key] = change;
          }
          const decayed = weightDecay === 0 ? param : param.mul(tf.sub(1, rates.mul(weightDecay)));
          nextParams[name] = decayed.sub(change);
        }
        return { params: nextParams, state: nextState };
      }),
  };
}
