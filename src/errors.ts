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
