import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { miniDart } from './dart';
import { miniDialogue } from './dialogue';
import { miniE2e } from './e2e';
import { miniQuestions } from './questions';
import { miniSummarization } from './summarization';
import { miniWebnlg } from './webnlg';

/** The six mini sets by their folders: from a seed to the texts of their files, by path. */
export const miniSets: Readonly<Record<string, (seed: number) => ReadonlyMap<string, string>>> = {
  e2e: miniE2e,
  webnlg: miniWebnlg,
  dart: miniDart,
  summarization: miniSummarization,
  dialogue: miniDialogue,
  questions: miniQuestions,
};

/** The seed of the shipped files. */
export const miniSeed = 11;

/** Writes the six mini sets, a folder a set; each file appears whole or not at all. */
export function writeMini(folder: string, seed: number = miniSeed): void {
  for (const [set, files] of Object.entries(miniSets)) {
    for (const [file, text] of files(seed)) {
      const path = join(folder, set, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.part`, text);
      renameSync(`${path}.part`, path);
    }
  }
}
