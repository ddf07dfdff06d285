import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../model/atomicFile';

/** A card with a part of it written anew between its two marks; a part that it lacks is added at its end. */
export function withCardPart(card: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const part = `${start}\n\n${text.trim()}\n\n${end}`;
  const [from, to] = [card.indexOf(start), card.indexOf(end)];
  if (from === -1 || to < from) return `${card.trimEnd()}${card.trim() === '' ? '' : '\n\n'}${part}\n`;
  return card.slice(0, from) + part + card.slice(to + end.length);
}

/** Rewrites one part of the card in a folder, its `README.md`, and leaves the others as they are. */
export async function writeCardPart(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, 'README.md');
  const card = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const next = withCardPart(card, name, text);
  if (next !== card) await writeAtomically(file, (handle) => handle.writeFile(next));
}
