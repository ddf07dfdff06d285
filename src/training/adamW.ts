import { isDeepStrictEqual } from 'node:util';
import { tf } from '../tensor/backend';
import { type LearningRates, type Optimizer, rateTensor, type Tensors, tensorNamed } from './optimizer';

export type AdamWConfig = {
  readonly name: 'adamw';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
};

/** Parameters of at most this many numbers a run are updated together: a small op costs its call, not its arithmetic. */
const smallSize = 2 ** 16;

const runsOf = (tensor: tf.Tensor): number => tensor.shape[0] as number;

type Group = readonly string[];

/** Small parameters side by side in one group, each large one alone; a function of names and shapes only. */
function groups(params: Tensors): readonly Group[] {
  const names = Object.keys(params).sort();
  const isSmall = (name: string): boolean => {
    const tensor = tensorNamed(params, name);
    return tensor.size / runsOf(tensor) <= smallSize;
  };
  const small = names.filter(isSmall);
  const large = names.filter((name) => !isSmall(name)).map((name) => [name]);
  return small.length > 0 ? [small, ...large] : large;
}

/** A group's tensors as one `[runs, n]`. */
function flatten(tensors: Tensors, group: Group): tf.Tensor2D {
  const rows = group.map((name) => {
    const tensor = tensorNamed(tensors, name);
    return tensor.reshape([runsOf(tensor), -1]) as tf.Tensor2D;
  });
  return tf.concat(rows, 1);
}

/** The inverse of `flatten`; shapes come from `like`. */
function unflatten(flat: tf.Tensor2D, group: Group, like: Tensors): [string, tf.Tensor][] {
  const sizes = group.map((name) => {
    const tensor = tensorNamed(like, name);
    return tensor.size / runsOf(tensor);
  });
  const parts = group.length === 1 ? [flat] : tf.split(flat, sizes, 1);
  return group.map((name, i) => [name, (parts[i] as tf.Tensor).reshape(tensorNamed(like, name).shape)]);
}

/** A group's learning rates: those of one parameter where all agree, else one for each column, `[1 or runs, n]`. */
function groupRates(rates: LearningRates, group: Group, like: Tensors): tf.Tensor {
  const values = group.map((name) => rates[name] as LearningRates[string]);
  const [first] = values as [LearningRates[string]];
  if (values.every((value) => isDeepStrictEqual(value, first))) return rateTensor(first, 2);
  const rows = Math.max(...values.map((value) => (typeof value === 'number' ? 1 : value.length)));
  return tf.concat(
    group.map((name, i) => {
      const tensor = tensorNamed(like, name);
      const rate = rateTensor(values[i] as LearningRates[string], 2);
      return tf.broadcastTo(rate, [rows, tensor.size / runsOf(tensor)]);
    }),
    1,
  );
}

/**
 * AdamW as torch.optim.AdamW defines it (weight decay on the parameter, epsilon outside the corrected root):
 *
 *     p <- p - lr weightDecay p;  m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
 *     p <- p - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * Reference: Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv 1711.05101, algorithm 2.
 */
export function adamW(config: AdamWConfig): Optimizer {
  const { beta1, beta2, epsilon, weightDecay } = config;
  return {
    init: (params) =>
      Object.fromEntries(
        groups(params).flatMap((group, i) => {
          const numbers = group.reduce((sum, name) => sum + tensorNamed(params, name).size, 0);
          const runs = runsOf(tensorNamed(params, group[0] as string));
          const zeros = (): tf.Tensor2D => tf.zeros([runs, numbers / runs]);
          return [
            [`first.${i}`, zeros()],
            [`second.${i}`, zeros()],
          ];
        }),
      ),
    update: (grads, state, params, learningRates, step) =>
      tf.tidy(() => {
        const nextParams: [string, tf.Tensor][] = [];
        const nextState: [string, tf.Tensor][] = [];
        groups(params).forEach((group, i) => {
          const gradient = flatten(grads, group);
          const rates = groupRates(learningRates, group, params);
          const first = tensorNamed(state, `first.${i}`)
            .mul(beta1)
            .add(gradient.mul(1 - beta1));
          const second = tensorNamed(state, `second.${i}`)
            .mul(beta2)
            .add(gradient.square().mul(1 - beta2));
          const root = second
            .sqrt()
            .div(Math.sqrt(1 - beta2 ** step))
            .add(epsilon);
          const flat = flatten(params, group);
          const decayed = weightDecay === 0 ? flat : flat.mul(tf.sub(1, rates.mul(weightDecay)));
          const change = first.div(root).mul(rates.div(1 - beta1 ** step));
          nextParams.push(...unflatten(decayed.sub(change), group, params));
          nextState.push([`first.${i}`, first], [`second.${i}`, second]);
        });
        return { params: Object.fromEntries(nextParams), state: Object.fromEntries(nextState) };
      }),
  };
}
