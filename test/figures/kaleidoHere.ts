import { hasKaleido } from '../../src/figures/kaleido';

/** Whether pictures can be drawn here; where not, tests that draw are skipped, and say so. */
export function kaleidoHere(): boolean {
  const here = hasKaleido();
  if (!here) process.stderr.write('figure tests: kaleido is missing, SKIPPED; "npm run setup" installs it\n');
  return here;
}
