import type { z } from 'zod';
import { CheckpointError, ConfigError, refusal } from '../../errors';
import type { T5Config } from '../../model/config';
import { tf } from '../../tensor/backend';
import { shapeText } from '../../tensor/shape';
import { parameter, type Params, type Shapes, type TuningMethod } from '../method';

/** The files of a Hugging Face PEFT adapter's folder. */
export const peftFiles = { settings: 'adapter_config.json', tensors: 'adapter_model.safetensors' } as const;

/** Keys of `adapter_config.json` with their values. */
export type PeftSettings = Readonly<Record<string, unknown>>;

/** How runs of a method are written as Hugging Face PEFT adapters, and read back. One file a method. */
export interface PeftFormat<Config extends object = object> {
  readonly method: TuningMethod<Config>;
  /** `peft_type` in `adapter_config.json`. */
  readonly type: string;
  /** Its keys that change nothing of what a trained adapter computes. */
  readonly idle: readonly string[];
  /** What its other keys must be; those that this does not name must be empty, as they may change the adapter. */
  readonly schema: z.ZodObject;
  /** The keys that a configuration means. Throws ConfigError where peft has nothing like it. */
  settings(shape: T5Config, config: Config): PeftSettings;
  /** The configuration that keys of the schema mean. Throws ConfigError where this project has nothing like it. */
  config(settings: PeftSettings): Config;
  /** Names and shapes of the tensors in `adapter_model.safetensors`. */
  shapes(shape: T5Config, settings: PeftSettings): Shapes;
  /** One run's parameters as those tensors. */
  write(shape: T5Config, config: Config, params: Params): Params;
  /** Those tensors as one run's parameters. */
  read(shape: T5Config, settings: PeftSettings, tensors: Params): Params;
}

/** A parameter under both its names; shapes differ by axes of length 1. */
export type Renamed = {
  readonly own: string;
  readonly peft: string;
  readonly ownShape: readonly number[];
  readonly peftShape: readonly number[];
};

/** Those functions of a format whose tensors are the parameters under other names. */
export function renaming<Config extends object>(
  names: (shape: T5Config, config: Config) => readonly Renamed[],
  configOf: (settings: PeftSettings) => Config,
): Pick<PeftFormat<Config>, 'shapes' | 'write' | 'read'> {
  return {
    shapes: (shape, settings) =>
      Object.fromEntries(names(shape, configOf(settings)).map(({ peft, peftShape }) => [peft, peftShape])),
    write: (shape, config, params) =>
      Object.fromEntries(
        names(shape, config).map(({ own, peft, peftShape }) => [
          peft,
          parameter(params, own).reshape([...peftShape]),
        ]),
      ),
    read: (shape, settings, tensors) =>
      Object.fromEntries(
        names(shape, configOf(settings)).map(({ own, peft, ownShape }) => [
          own,
          parameter(tensors, peft).reshape([...ownShape]),
        ]),
      ),
  };
}

/** Keys of every adapter that change nothing of what it computes. */
const idleKeys = [
  'auto_mapping',
  'base_model_name_or_path',
  'inference_mode',
  'peft_type',
  'peft_version',
  'revision',
  'task_type',
];

/** A key is empty where it asks for nothing: peft writes the keys of all that an adapter could have and has not. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Throws ConfigError naming the first key that a format cannot read, or that asks for what it does not know. */
export function checkSettings(file: string, format: PeftFormat, settings: PeftSettings): void {
  const parsed = format.schema.safeParse(settings, { reportInput: true });
  if (!parsed.success)
    throw new ConfigError(`${file}: ${refusal(parsed.error.issues[0] as z.core.$ZodIssue)}`);
  const known = [...idleKeys, ...format.idle, ...Object.keys(format.schema.shape)];
  const more = Object.entries(settings).find(([key, value]) => !known.includes(key) && !isEmpty(value));
  if (more !== undefined)
    throw new ConfigError(
      `${file}: ${more[0]}: must be empty, ${format.method.name} here has no such thing; found ${JSON.stringify(more[1])}`,
    );
}

/** Throws CheckpointError naming the first tensor that is missing, too many or of another shape. */
export function checkTensors(file: string, found: Shapes, expected: Shapes): void {
  const more = Object.keys(found).find((name) => expected[name] === undefined);
  if (more !== undefined)
    throw new CheckpointError(`${file}: tensor ${more} is none that its adapter_config.json asks for here`);
  for (const [name, shape] of Object.entries(expected)) {
    const there = found[name];
    if (there === undefined) throw new CheckpointError(`${file}: holds no tensor ${name}`);
    if (!tf.util.arraysEqual([...there], [...shape]))
      throw new CheckpointError(
        `${file}: tensor ${name} must be ${shapeText(shape)} for this model; found ${shapeText(there)}`,
      );
  }
}
