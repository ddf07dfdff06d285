import { type Command, Option } from 'commander';
import { generationDefaults, type GenerationConfig } from '../model/generationConfig';
import { finite, whole } from './options';

/** What the options of decoding parse to, each absent where it was not given. */
export type GenerationOptions = Partial<GenerationConfig>;

/** Adds the options of decoding, named after transformers' `GenerationConfig`. */
export function addGenerationOptions(command: Command): void {
  const { maxNewTokens, minNewTokens, numBeams, lengthPenalty, noRepeatNgramSize } = generationDefaults;
  command
    .option('--num-beams <N>', `beams, 1 is greedy search (default: ${numBeams})`, whole(1))
    .option('--max-new-tokens <N>', `tokens at most (default: ${maxNewTokens})`, whole(1))
    .option('--min-new-tokens <N>', `tokens before the end may come (default: ${minNewTokens})`, whole(0))
    .option(
      '--length-penalty <X>',
      `exponent of the length in a beam's score (default: ${lengthPenalty})`,
      finite,
    )
    .addOption(noRepeatNgramSizeOption(noRepeatNgramSize))
    .addOption(
      new Option('--early-stopping <WHEN>', 'when beam search stops (default: false)')
        .choices(['true', 'false', 'never'])
        .argParser((text) => (text === 'never' ? text : text === 'true')),
    );
}

/** transformers' name; commander takes what starts with `--no-` for a switch unless told otherwise. */
function noRepeatNgramSizeOption(standard: number): Option {
  const described = `no N tokens come twice, 0 allows all (default: ${standard})`;
  const option = new Option('--no-repeat-ngram-size <N>', described).argParser(whole(0));
  option.negate = false;
  return option;
}

/** The decoding options among all that a command parsed. */
export function generationOptions(options: Readonly<Record<string, unknown>>): GenerationOptions {
  const given = Object.keys(generationDefaults).filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, options[key]]));
}
