import * as tf from '@tensorflow/tfjs';

export { tf };

/** Where tensors are computed. `cpu` is tfjs's pure JavaScript, the reference that the others are held to. */
export type BackendName = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** Chooses the backend (default: `SPT_BACKEND`, else `tensorflow`) and waits until it is ready. */
export async function useBackend(name?: BackendName): Promise<BackendName> {
  const chosen = name ?? (process.env['SPT_BACKEND'] as BackendName | undefined) ?? 'tensorflow';
  if (chosen === 'tensorflow') await import('@tensorflow/tfjs-node-gpu');
  await tf.setBackend(chosen);
  return chosen;
}
