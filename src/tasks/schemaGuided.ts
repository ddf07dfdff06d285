import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { readJson } from './jsonFile';
import { lineariseActs, type DialogueAct } from './linearise';
import type { Example, Split, Task } from './task';

const dialogues = z.array(
  z.object({
    dialogue_id: z.string(),
    turns: z.array(
      z.object({
        speaker: z.enum(['USER', 'SYSTEM']),
        utterance: z.string(),
        frames: z.array(
          z.object({
            service: z.string(),
            actions: z
              .array(z.object({ act: z.string(), slot: z.string(), values: z.array(z.string()) }))
              .optional(),
          }),
        ),
      }),
    ),
  }),
);

/** A frame's actions as acts, several slots of one act together. */
function actsOf(actions: readonly { act: string; slot: string; values: readonly string[] }[]): DialogueAct[] {
  const acts = new Map<string, { slot: string; value?: string }[]>();
  for (const { act, slot, values } of actions) {
    const slots = acts.get(act) ?? [];
    acts.set(act, slots);
    if (slot !== '') slots.push(values.length === 0 ? { slot } : { slot, value: values.join(', ') });
  }
  return [...acts].map(([act, slots]) => ({ act: act.toLowerCase(), slots }));
}

/**
 * Dialogue acts in the format of the Schema-Guided Dialogue set: a folder a split with `dialogues_NNN.json`.
 *
 * Each turn of the system is an example: source = the acts of its frames (see `lineariseActs`), target = what it says;
 * `meta` = `dialogue`, `turn` (from 0) and `service`. Turns without an act are left out.
 *
 * Reference: Rastogi et al. 2020, "Towards Scalable Multi-domain Conversational Agents: The Schema-Guided Dialogue
 * Dataset"; generation from it: Kale and Rastogi 2020, "Template Guided Text Generation for Task-Oriented Dialogue".
 */
export function schemaGuidedTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence' | 'folder'>,
  linearise: (acts: readonly DialogueAct[]) => string = lineariseActs,
): Task {
  return {
    ...set,
    files: { train: ['train'], dev: ['dev'], test: ['test'] },
    read(folder: string, split: Split): readonly Example[] {
      const path = join(folder, split);
      const names = readdirSync(path)
        .filter((name) => /^dialogues_\d+\.json$/.test(name))
        .sort();
      const examples = names.flatMap((name) => {
        const file = join(path, name);
        const parsed = dialogues.safeParse(readJson(file));
        if (!parsed.success) {
          const { path: at, message } = parsed.error.issues[0] as z.core.$ZodIssue;
          const [entry, ...rest] = at;
          throw new DataError(
            `${file}: ${typeof entry === 'number' ? `entry ${entry + 1}: ` : ''}${rest.join('.')}: ${message}`,
          );
        }
        return parsed.data.flatMap(({ dialogue_id: dialogue, turns }) =>
          turns.flatMap(({ speaker, utterance, frames }, turn): Omit<Example, 'id'>[] => {
            const acts = frames.flatMap(({ actions = [] }) => actsOf(actions));
            if (speaker !== 'SYSTEM' || acts.length === 0) return [];
            if (utterance.trim() === '')
              throw new DataError(`${file}: dialogue ${dialogue}: turn ${turn} says nothing`);
            const service = frames.map((frame) => frame.service).join();
            return [
              {
                source: linearise(acts),
                target: utterance,
                references: [utterance],
                meta: { dialogue, turn, service },
              },
            ];
          }),
        );
      });
      if (examples.length === 0)
        throw new DataError(
          `${path}: the ${split} split is empty: no turn with an act in dialogues_NNN.json`,
        );
      return examples.map((example, i) => ({ id: `${set.name}-${split}-${i}`, ...example }));
    },
  };
}
