import type { z } from 'zod';

/** Base of every error that a user can mend; the command line prints its message as one line, without a stack. */
export class SptError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A tensor's shape is not what a function needs: where, what must hold, what was found. */
export class ShapeError extends SptError {}

/** An option, a configuration key or its value is wrong. */
export class ConfigError extends SptError {}

/** A data file breaks its format or is missing; the message starts with `file:line:` where there is a line. */
export class DataError extends SptError {}

/** A model, adapter or checkpoint file is missing, damaged or does not fit its config. */
export class CheckpointError extends SptError {}

/** Training cannot go on (for instance a loss that is not finite). */
export class TrainingError extends SptError {}

/**
 * Why a schema refused a value, in one line: the key, what must hold, what was found. `key` is what was parsed, where that
 * is a part of a whole; parse with `reportInput`.
 */
export function refusal(issue: z.core.$ZodIssue, key = ''): string {
  const path = [key, ...issue.path.map(String)].filter((part) => part !== '');
  if (issue.code === 'unrecognized_keys') return `${[...path, issue.keys[0]].join('.')}: is no key`;
  const { input } = issue;
  // JSON has no word for what is not a number or is not there.
  const found = input === undefined || typeof input === 'number' ? String(input) : JSON.stringify(input);
  return `${path.join('.')}: ${issue.message}; found ${found}`;
}
