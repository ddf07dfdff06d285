import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { groupReferences, type Pair } from './groupReferences';
import { readJson } from './jsonFile';
import { lineariseActs, type DialogueAct } from './linearise';
import type { Example, Split, Task } from './task';
import { textLines } from './textFile';

/**
 * The acts of a text such as `inform(name=hotel x;area=north)` or `request ( area = ? ) @ inform ( type = pool )`, or
 * undefined where it is none.
 */
export function parseActs(text: string): DialogueAct[] | undefined {
  const acts = text.split(' @ ').map((part): DialogueAct | undefined => {
    const [, act, inside] = /^\s*([^\s()]+)\s*\((.*)\)\s*$/s.exec(part) ?? [];
    if (act === undefined || inside === undefined) return undefined;
    const slots = inside
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [slot = '', ...rest] = pair.split('=');
        const value = rest
          .join('=')
          .trim()
          .replace(/^'(.*)'$/, '$1');
        return value === '' || value === '?' ? { slot: slot.trim() } : { slot: slot.trim(), value };
      });
    return { act, slots };
  });
  return acts.every((act) => act !== undefined) ? acts : undefined;
}

/** An act and a text for it, and where they stand. */
type Row = { readonly act: string; readonly text: string; readonly where: string };

const rows = z.array(z.tuple([z.string(), z.string(), z.string()]));

/** The rows of a JSON file: `[act, text, text]`. */
function readJsonRows(file: string): Row[] {
  const parsed = rows.safeParse(readJson(file));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
    const [row, ...at] = path;
    throw new DataError(
      `${file}: ${typeof row === 'number' ? `entry ${row + 1}: ${at.join('.')}: ` : ''}must be [act, text, text]; ${message}`,
    );
  }
  return parsed.data.map(([act, text], i) => ({ act, text, where: `${file}: entry ${i + 1}` }));
}

/** The rows of a text file: `act & text`, one a line. */
function readTextRows(file: string): Row[] {
  return [...textLines(file)].map((line, i) => {
    const where = `${file}:${i + 1}`;
    const [act, ...rest] = line.split(' & ');
    if (act === undefined || rest.length === 0)
      throw new DataError(`${where}: a line must be \`act & text\`; found ${line}`);
    return { act, text: rest.join(' & ').trim(), where };
  });
}

/** FewShotWOZ's domains, which are its folders. */
export const fewShotWozDomains = [
  'attraction',
  'hotel',
  'laptop',
  'restaurant',
  'taxi',
  'train',
  'tv',
] as const;

/**
 * FewShotWOZ: a folder a domain with JSON files `[act, text, text]`, or where they are not there text files
 * `act & text`. All domains that are there make one split; the published set has no dev split.
 *
 * Equal acts of a domain become one example, in order of first appearance: source = the act (see `lineariseActs`),
 * references = its texts, `meta` = `domain`, `act` as the file has it, and how many `rows`.
 *
 * Reference: Peng et al. 2020, "Few-shot Natural Language Generation for Task-Oriented Dialog".
 */
export function dialogueTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence' | 'folder'>,
  domains: readonly string[],
  splitsThere: readonly Split[],
  linearise: (acts: readonly DialogueAct[]) => string = lineariseActs,
): Task {
  const filesOf = (domain: string, split: Split): string[] => [
    `${domain}/${split}.json`,
    `${domain}/${split}.txt`,
  ];
  const of = (split: Split): string[] =>
    splitsThere.includes(split) ? domains.flatMap((domain) => filesOf(domain, split)) : [];
  return {
    ...set,
    files: { train: of('train'), dev: of('dev'), test: of('test') },
    read(folder: string, split: Split): readonly Example[] {
      const pairs = domains.flatMap((domain) => {
        const name = filesOf(domain, split).find((file) => existsSync(join(folder, file)));
        if (name === undefined) return [];
        const file = join(folder, name);
        const rowsOf = name.endsWith('.json') ? readJsonRows : readTextRows;
        return rowsOf(file).map(({ act, text, where }): Pair => {
          if (text.trim() === '') throw new DataError(`${where}: the text is empty`);
          const acts = parseActs(act);
          if (acts === undefined)
            throw new DataError(`${where}: an act must be \`act(slot=value;...)\`; found ${act}`);
          return {
            source: linearise(acts),
            reference: text,
            key: `${domain} ${act}`,
            meta: { domain, act },
          };
        });
      });
      if (pairs.length === 0)
        throw new DataError(`${folder}: the ${split} split of ${set.name} is empty or not there`);
      return groupReferences(`${set.name}-${split}`, pairs);
    },
  };
}
