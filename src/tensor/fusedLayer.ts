import { tf } from './backend';

/** A weight of a fused layer; its gradient is computed only where it is trained. */
export type LayerWeight = { readonly value: tf.Tensor; readonly trained: boolean };

/** A fused layer's forward pass: its value, what its gradient reads, and the gradient. */
export type LayerPass<Name extends string, Saved extends readonly tf.Tensor[]> = {
  readonly value: tf.Tensor;
  readonly saved: Saved;
  /**
   * Gradients of all inputs, in order, and of the weights that are asked for. It runs after the forward pass's tidy scopes
   * have closed, so it reads tensors from its arguments only.
   */
  readonly backward: (
    dy: tf.Tensor,
    saved: Saved,
    weights: Readonly<Record<Name, tf.Tensor>>,
    trained: (name: Name) => boolean,
  ) => {
    readonly inputs: readonly tf.Tensor[];
    readonly weights: Readonly<Partial<Record<Name, tf.Tensor>>>;
  };
};

/**
 * One tape entry for a whole layer with its gradient by hand: `inputs` always get a gradient, weights where they are
 * trained. Everything in between is freed when the layer returns, save for what the pass names in `saved`.
 */
export function fusedLayer<Name extends string, Saved extends readonly tf.Tensor[]>(
  inputs: readonly tf.Tensor[],
  weights: Readonly<Record<Name, LayerWeight>>,
  forward: (values: Readonly<Record<Name, tf.Tensor>>) => LayerPass<Name, Saved>,
): tf.Tensor {
  const names = Object.keys(weights) as Name[];
  const trained = names.filter((name) => weights[name].trained);
  const values = Object.fromEntries(names.map((name) => [name, weights[name].value])) as Record<
    Name,
    tf.Tensor
  >;
  const layer = tf.customGrad((...all) => {
    const save = all.at(-1) as unknown as tf.GradSaveFunc;
    const { value, saved, backward } = forward(values);
    save([...saved, ...trained.map((name) => values[name])]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) =>
        tf.tidy(() => {
          // Trained weights may have been made inside a scope of the forward pass; what was saved outlives it.
          const own = { ...values };
          trained.forEach((name, i) => (own[name] = kept[saved.length + i] as tf.Tensor));
          const found = backward(
            dy,
            kept.slice(0, saved.length) as unknown as Saved,
            own,
            (name) => weights[name].trained,
          );
          return [...found.inputs, ...trained.map((name) => found.weights[name] as tf.Tensor)];
        }),
    };
  });
  return layer(...inputs, ...trained.map((name) => values[name]));
}

/** T5's layer norm without its weight (see `rmsNorm`): x / rms(x) `[n, d]` and 1 / rms(x) `[n, 1]`. */
export type Unit = { readonly unit: tf.Tensor2D; readonly inverse: tf.Tensor2D };

export function unitForward(x: tf.Tensor2D, epsilon: number): Unit {
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon)) as tf.Tensor2D;
  return { unit: tf.mul(x, inverse), inverse };
}

/** The gradient of u = r x, r = 1 / rms(x), in x: r (g - u mean(g u)). */
export function unitBackward(g: tf.Tensor, unit: tf.Tensor, inverse: tf.Tensor): tf.Tensor {
  return tf.mul(inverse, tf.sub(g, tf.mul(unit, tf.mean(tf.mul(g, unit), -1, true))));
}

/**
 * W (w u), a product behind the layer norm whose weight is w: w goes where there is less to multiply, into W where the
 * rows outnumber its own. unit: `[n, d]`; norm: `[d]`; projection: `[out, d]`. Result: `[n, out]`.
 */
export function normedProduct(unit: tf.Tensor2D, norm: tf.Tensor, projection: tf.Tensor2D): tf.Tensor2D {
  return unit.shape[0] > projection.shape[0]
    ? tf.matMul(unit, tf.mul(projection, norm), false, true)
    : tf.matMul(tf.mul(unit, norm), projection, false, true);
}

/**
 * The gradient of `normedProduct` in its unit vectors, `[n, d]`, and in w where `weightTrained`; `unit` is read only then.
 * dy: `[n, out]`.
 */
export function normedProductBackward(
  dy: tf.Tensor2D,
  unit: tf.Tensor,
  norm: tf.Tensor,
  projection: tf.Tensor2D,
  weightTrained: boolean,
): { readonly unit: tf.Tensor; readonly weights: { readonly norm?: tf.Tensor } } {
  if (!weightTrained && dy.shape[0] > projection.shape[0])
    return { unit: tf.matMul(dy, tf.mul(projection, norm)), weights: {} };
  const dNormed = tf.matMul(dy, projection);
  return {
    unit: tf.mul(dNormed, norm),
    weights: weightTrained ? { norm: tf.sum(tf.mul(dNormed, unit), 0) } : {},
  };
}
