import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type CodeCell = {
  /** Position among all cells of the notebook, from 1. */
  readonly position: number;
  readonly source: string;
  readonly lines: readonly string[];
  readonly outputs: readonly unknown[];
  readonly executionCount: number | null;
};

export type Notebook = {
  readonly name: string;
  readonly format: number;
  readonly kernel: string | undefined;
  readonly markdown: readonly string[];
  readonly code: readonly CodeCell[];
};

export const notebooksFolder = join(__dirname, '..', '..', 'notebooks');

type RawCell = {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly outputs?: readonly unknown[];
  readonly execution_count?: number | null;
};
type RawNotebook = {
  readonly nbformat: number;
  readonly metadata: { readonly kernelspec?: { readonly name: string } };
  readonly cells: readonly RawCell[];
};

const text = (source: RawCell['source']): string => (typeof source === 'string' ? source : source.join(''));

function readNotebook(name: string): Notebook {
  const raw = JSON.parse(readFileSync(join(notebooksFolder, name), 'utf8')) as RawNotebook;
  const code = raw.cells.flatMap((cell, i): CodeCell[] => {
    if (cell.cell_type !== 'code') return [];
    const source = text(cell.source);
    return [
      {
        position: i + 1,
        source,
        lines: source.split('\n'),
        outputs: cell.outputs ?? [],
        executionCount: cell.execution_count ?? null,
      },
    ];
  });
  const markdown = raw.cells.filter((cell) => cell.cell_type === 'markdown').map((cell) => text(cell.source));
  return { name, format: raw.nbformat, kernel: raw.metadata.kernelspec?.name, markdown, code };
}

/** Every notebook of the project, in reading order. */
export function readNotebooks(): readonly Notebook[] {
  const names = readdirSync(notebooksFolder).filter((name) => name.endsWith('.ipynb'));
  return names.sort().map(readNotebook);
}
