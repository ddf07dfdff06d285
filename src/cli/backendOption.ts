import { Option } from 'commander';
import { backendNames } from '../tensor/backend';

/** `--backend NAME`, for every verb that computes. */
export function backendOption(): Option {
  return new Option('--backend <NAME>', 'where to compute (default: SPT_BACKEND, else tensorflow)').choices(
    backendNames,
  );
}
