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
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => {
        const gradients = tf.tidy(() => {
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
        });
        // tfjs would keep it until the whole gradient is there; no gradient is taken twice.
        tf.dispose(kept);
        return gradients;
      },
    };
  });
  return layer(...inputs, ...trained.map((name) => values[name]));
}

/**
 * Gives what a layer derives of its frozen weights, by a name of its own: made anew, or once where they serve many passes.
 * Derived tensors are not the caller's to dispose.
 */
export type Derive = (name: string, make: () => tf.Tensor) => tf.Tensor;

/** Derives in every pass. */
export const deriveAnew: Derive = (_, make) => make();

/** Whether a matrix is small beside what it multiplies: only then is it worth deriving another of it, and keeping that. */
export function isSmallBeside({ shape: [rows, length] }: tf.Tensor3D, matrixRows: number): boolean {
  return matrixRows < rows * length;
}

/** T5's layer norm without its weight and its sqrt(d): u = x / |x|, and 1 / |x| `[..., 1]`; |x|^2 = sum(x^2) + d epsilon. */
export type Unit = { readonly unit: tf.Tensor3D; readonly inverse: tf.Tensor3D };

export function unitForward(x: tf.Tensor3D, epsilon: number): Unit {
  const squares = tf.sum(tf.square(x), -1, true);
  const inverse = tf.rsqrt(tf.add(squares, x.shape[2] * epsilon)) as tf.Tensor3D;
  return { unit: tf.mul(x, inverse), inverse };
}

/** The gradient of u = x / |x| in x: (g - u sum(g u)) / |x|. */
export function unitBackward(g: tf.Tensor, { unit, inverse }: Unit): tf.Tensor {
  return tf.mul(inverse, tf.sub(g, tf.mul(unit, tf.sum(tf.mul(g, unit), -1, true))));
}

/** Projections behind a layer norm: its weight w `[d]`, and their matrices `[out, d]`, which are stacked to `shape`. */
export type NormedProjections = {
  readonly norm: tf.Tensor;
  readonly projections: readonly tf.Tensor[];
  /** `[out, d]`, or by part and head (see `toHeads`). */
  readonly shape: readonly number[];
};

/** The layer norm's weight with its sqrt(d). */
const wholeNorm = (norm: tf.Tensor): tf.Tensor => tf.mul(norm, Math.sqrt(norm.size));

/** The matrices one below the other. */
export function stacked<T extends tf.Tensor>(matrices: readonly tf.Tensor[], shape: readonly number[]): T {
  const one = matrices.length === 1 ? (matrices[0] as tf.Tensor) : tf.concat([...matrices], 0);
  return one.reshape([...shape]) as T;
}

/** The stacked matrices with the norm folded in, where they are small beside what is multiplied; else null. */
function folded<T extends tf.Tensor>(
  unit: tf.Tensor3D,
  { norm, projections, shape }: NormedProjections,
  derive: Derive,
): T | null {
  const out = projections.reduce((sum, { shape: [n = 0] }) => sum + n, 0);
  if (!isSmallBeside(unit, out)) return null;
  return derive('folded', () => tf.mul(stacked(projections, shape), wholeNorm(norm))) as T;
}

/** A product of the layer norm's output with the projections; the norm's weight goes where there is less to multiply. */
export function project<M extends tf.Tensor, Result>(
  unit: tf.Tensor3D,
  of: NormedProjections,
  derive: Derive,
  product: (x: tf.Tensor3D, matrix: M) => Result,
): Result {
  const matrix = folded<M>(unit, of, derive);
  if (matrix !== null) return product(unit, matrix);
  return product(tf.mul(unit, wholeNorm(of.norm)), stacked(of.projections, of.shape));
}

/** The gradients of a product, in x by its matrix, and in its matrix `[out, d]` by x. */
export type ProductGradients<M extends tf.Tensor> = {
  readonly input: (matrix: M) => tf.Tensor3D;
  readonly matrix: (x: tf.Tensor3D) => tf.Tensor2D;
};

/** Gradients of `project`: in u, and in w and the projections where they are trained. */
export function projectBackward<M extends tf.Tensor>(
  unit: tf.Tensor3D,
  of: NormedProjections,
  derive: Derive,
  gradients: ProductGradients<M>,
  trained: { readonly norm: boolean; readonly projections: boolean },
): {
  readonly unit: tf.Tensor;
  readonly weights: { readonly norm?: tf.Tensor };
  readonly projections: readonly tf.Tensor[];
} {
  const matrix = trained.norm ? null : folded<M>(unit, of, derive);
  const projections = trained.projections
    ? tf.split(
        tf.mul(gradients.matrix(unit), wholeNorm(of.norm)),
        of.projections.map(({ shape: [n = 0] }) => n),
        0,
      )
    : [];
  if (matrix !== null) return { unit: gradients.input(matrix), weights: {}, projections };
  const dNormed = gradients.input(stacked(of.projections, of.shape));
  const norm = (): tf.Tensor => tf.mul(tf.sum(tf.mul(dNormed, unit), [0, 1]), Math.sqrt(of.norm.size));
  return {
    unit: tf.mul(dNormed, wholeNorm(of.norm)),
    weights: trained.norm ? { norm: norm() } : {},
    projections,
  };
}
