import fs from 'node:fs';
import { findProgram } from './command.mjs';
import { SetupError } from './problem.mjs';

/**
 * Whether this machine shows an NVIDIA GPU.
 * @param {NodeJS.ProcessEnv} [env]
 */
export function seesNvidia(env = process.env) {
  if (process.platform !== 'linux') return false;
  return (
    ['/proc/driver/nvidia/version', '/dev/nvidia0'].some((file) => fs.existsSync(file)) ||
    findProgram('nvidia-smi', env) !== null
  );
}

/**
 * The device that libtensorflow is fetched for: SPT_DEVICE (`cpu`, `gpu`, or `auto`), else the choice that an earlier
 * SPT_DEVICE left behind, else a GPU where one is seen.
 * @param {{ asked: string | undefined, earlier: string | undefined, gpuSeen: boolean }} known
 * @returns {'cpu' | 'gpu'}
 */
export function chooseDevice({ asked, earlier, gpuSeen }) {
  if (asked !== undefined && !['cpu', 'gpu', 'auto'].includes(asked)) {
    throw new SetupError(`SPT_DEVICE must be cpu, gpu or auto; found "${asked}"`, 'unset SPT_DEVICE');
  }
  const wanted = asked ?? earlier ?? 'auto';
  if (wanted === 'cpu' || wanted === 'gpu') return wanted;
  return gpuSeen ? 'gpu' : 'cpu';
}
