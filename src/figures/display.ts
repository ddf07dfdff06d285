import { randomBytes } from 'node:crypto';

/** One output in several forms; a reader shows the richest that it knows. */
export type DisplayForms = {
  readonly 'text/plain': string;
  readonly 'text/html'?: string;
  readonly 'image/svg+xml'?: string;
  readonly 'application/vnd.plotly.v1+json'?: unknown;
};

type WriteDisplayData = (content: Readonly<Record<string, unknown>>, update: boolean) => void;

/**
 * How the running tslab kernel takes outputs; null outside of one. tslab's own `display` gives one form an output only,
 * so a figure would have no fallback, and loading tslab just to ask would load its compiler.
 */
function kernelDisplay(): WriteDisplayData | null {
  let file: string;
  try {
    file = require.resolve('tslab/dist/jupyter.js');
  } catch {
    return null;
  }
  const loaded = require.cache[file]?.exports as
    { readonly lastWriteDisplayData?: WriteDisplayData | null } | undefined;
  return loaded?.lastWriteDisplayData ?? null;
}

/** Whether this process is a notebook's kernel. */
export function inJupyter(): boolean {
  return kernelDisplay() !== null;
}

/** Shows one output under a cell; outside of Jupyter, its text on stdout. */
export function display(forms: DisplayForms): void {
  updatableDisplay()(forms);
}

/** An output that later calls overwrite in place; outside of Jupyter each text is a line on stdout. */
export function updatableDisplay(): (forms: DisplayForms) => void {
  const id = randomBytes(8).toString('hex');
  let shown = false;
  return (forms) => {
    const write = kernelDisplay();
    if (write === null) process.stdout.write(`${forms['text/plain']}\n`);
    else write({ data: forms, metadata: {}, transient: { display_id: id } }, shown);
    shown = true;
  };
}
