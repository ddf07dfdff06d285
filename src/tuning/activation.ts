import { tf } from '../tensor/backend';
import { geluTanh, relu } from '../tensor/fused';

/**
 * What adapters may put between their two maps. `gelu` is the tanh approximation, as in T5's own feed-forward; `gelu-erf`
 * is x Phi(x) itself, what AdapterHub calls gelu.
 */
export const activationNames = ['relu', 'swish', 'gelu', 'gelu-erf'] as const;
export type ActivationName = (typeof activationNames)[number];

/** The activation of that name, elementwise on `[rows, length, d]`. */
export function activate(name: ActivationName, x: tf.Tensor3D): tf.Tensor3D {
  switch (name) {
    case 'relu':
      return relu(x);
    case 'swish':
      return tf.mul(x, tf.sigmoid(x));
    case 'gelu': {
      const [rows, length, d] = x.shape;
      return geluTanh(x.reshape([rows * length, d])).reshape([rows, length, d]);
    }
    case 'gelu-erf':
      return tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))));
  }
}
