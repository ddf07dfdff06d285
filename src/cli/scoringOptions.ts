import { type Command, Option } from 'commander';
import { metrics } from '../metrics';
import type { MetricChoice } from '../metrics/chosenMetrics';
import { type ProtocolName, protocols } from '../metrics/protocols';
import { list } from './options';

/** What `addScoringOptions` leaves in a command's options. */
export type ScoringOptions = { readonly metrics?: readonly string[]; readonly protocol?: ProtocolName };

/** The options that say what is scored, the same for every verb that scores. */
export function addScoringOptions(command: Command): Command {
  return command
    .option(
      '--metrics <NAMES>',
      `metrics, of ${Object.keys(metrics).join(', ')} (default: bleu, unless there is a protocol)`,
      list,
    )
    .addOption(
      new Option(
        '--protocol <NAME>',
        "what a task's official script prints; further --metrics stand beside it",
      ).choices(Object.keys(protocols)),
    );
}

/** What is asked for: BLEU where nothing is. */
export function scoringChoice({ metrics: names, protocol }: ScoringOptions): MetricChoice {
  return { metrics: names ?? (protocol === undefined ? ['bleu'] : []), protocol };
}
