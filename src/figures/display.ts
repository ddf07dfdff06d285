import { randomBytes } from 'node:crypto';

/** A picture whose pixels stand denser than its width and height say. */
export type Picture = { readonly base64: string; readonly width: number; readonly height: number };

/** One output in several forms; a reader shows the richest that it knows. */
export type DisplayForms = {
  readonly 'text/plain': string;
  readonly 'text/html'?: string;
  readonly 'image/png'?: Picture;
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

/** The forms as Jupyter's messages hold them: a picture's size stands beside it. */
function content({ 'image/png': png, ...forms }: DisplayForms): Readonly<Record<string, unknown>> {
  if (png === undefined) return { data: forms, metadata: {} };
  const { base64, width, height } = png;
  return { data: { ...forms, 'image/png': base64 }, metadata: { 'image/png': { width, height } } };
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
    else write({ ...content(forms), transient: { display_id: id } }, shown);
    shown = true;
  };
}
