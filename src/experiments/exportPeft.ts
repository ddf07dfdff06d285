import { join } from 'node:path';
import { ConfigError } from '../errors';
import { writeAtomically } from '../model/atomicFile';
import { writeSafetensors } from '../model/safetensors';
import { tf } from '../tensor/backend';
import { makeFolder } from '../training/fileSystem';
import { type Adapter, loadAdapter } from '../training/runStore';
import type { Params } from '../tuning/method';
import { peftForm } from '../tuning/peft';
import { peftFiles, type PeftSettings } from '../tuning/peft/peftFormat';

/** The peft whose files these are; later ones read them. */
const PEFT_VERSION = '0.21.2';

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the two files hold; the caller owns the tensors. */
function peftAdapter({ config, params }: Adapter): {
  readonly settings: PeftSettings;
  readonly tensors: Params;
} {
  const shape = config.model.config;
  const { model } = config.context;
  const form = peftForm(shape, config.method, params);
  try {
    const settings = {
      auto_mapping: null,
      base_model_name_or_path: typeof model === 'string' ? model : null,
      inference_mode: true,
      modules_to_save: null,
      peft_type: form.format.type,
      peft_version: PEFT_VERSION,
      revision: null,
      task_type: 'SEQ_2_SEQ_LM',
      ...form.format.settings(shape, form.config),
    };
    const tensors = tf.tidy(() => form.format.write(shape, form.config, form.params));
    return { settings: sorted(settings), tensors: sorted(tensors) };
  } finally {
    if (form.params !== params) tf.dispose(form.params);
  }
}

/**
 * Writes a finished run as a Hugging Face PEFT adapter that computes the same: `adapter_config.json` and
 * `adapter_model.safetensors`. A scaled prompt is written as the plain one that it folds into. Returns the settings.
 * @throws ConfigError naming the run where peft cannot represent it, CheckpointError where the folder holds no run.
 */
export async function exportPeft(run: string, out: string): Promise<PeftSettings> {
  const adapter = await loadAdapter(run);
  let tensors: Params = {};
  try {
    const made = peftAdapter(adapter);
    tensors = made.tensors;
    makeFolder(out);
    await writeSafetensors(join(out, peftFiles.tensors), tensors, { metadata: { format: 'pt' } });
    const text = `${JSON.stringify(made.settings, null, 2)}\n`;
    await writeAtomically(join(out, peftFiles.settings), (handle) => handle.writeFile(text));
    return made.settings;
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`${run}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    tf.dispose([tensors, adapter.params]);
  }
}
