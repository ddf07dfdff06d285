import { tf } from '../../tensor/backend';

/**
 * The learning rate at which plain Prompt-Tuning moves its prompt as far in a step as token-wise SPT does at its start: the
 * rival that asks whether a scale is more than a larger rate.
 *
 * Derivation. The model reads e_i = s_i p_i. With g_i = dL/de_i, dL/dp_i = s_i g_i and dL/ds_i = <p_i, g_i>, and to first
 * order a step moves e_i by s_i dp_i + p_i ds_i. Optimizers that divide a gradient by its running size (AdamW, Adafactor
 * without parameter scaling) move every number by about its learning rate, whatever the gradient's size: dp_ij by
 * eta_P, ds_i by eta_s, with signs that are independent of each other's. The mean square over all numbers of e is then
 *
 *     mean(de_ij^2) = eta_P^2 mean(s_i^2) + eta_s^2 mean(p_ij^2),
 *
 * and Prompt-Tuning, which moves every number by its rate, equals it, s being 1 at the start, at
 *
 *     eta = sqrt(eta_P^2 + eta_s^2 mean(p_ij^2)).
 *
 * (Plain gradient descent would move e_i by -(eta_P s_i^2 g_i + eta_s <p_i, g_i> p_i): eta_P in the dModel - 1 directions
 * across p_i, and eta_P + eta_s ||p_i||^2 along it.)
 *
 * @param prompt the initial prompt `[promptLength, dModel]`.
 * @param rates eta_P and eta_s, the latter eta_P where it is not given.
 */
export async function matchedLearningRate(
  prompt: tf.Tensor2D,
  { learningRate, scaleLearningRate = learningRate }: { learningRate: number; scaleLearningRate?: number },
): Promise<number> {
  const meanSquare = tf.tidy(() => tf.mean(tf.square(prompt)));
  const [square = 0] = await meanSquare.data();
  meanSquare.dispose();
  return Math.sqrt(learningRate ** 2 + scaleLearningRate ** 2 * square);
}
