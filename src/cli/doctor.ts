import type { Command } from 'commander';
import { ConfigError } from '../errors';
import { diagnose, diagnosisText } from '../tensor/doctor';
import { backendOption } from './backendOption';
import { printDocument } from './print';

type Options = { readonly backend?: string; readonly json?: boolean };

/** `spt doctor`: what computes here, how fast, and what is missing with the command that mends it. */
export function doctor(command: Command): void {
  command.addOption(backendOption()).action(async (options: Options) => {
    const diagnosis = await diagnose(options.backend);
    if (options.json === true) printDocument(diagnosis, options);
    else process.stdout.write(`${diagnosisText(diagnosis)}\n`);
    if (diagnosis.backend === null) throw new ConfigError('no backend could be started; see what is missing');
  });
}
