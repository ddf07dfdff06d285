import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tslabTypeScript from '@tslab/typescript-for-tslab';
import * as typeScript from 'typescript';
import { describe, expect, it } from 'vitest';
import { notebooksFolder, readNotebooks, type Notebook } from './notebookCells';

/** The two compilers share this much: tslab's is an older TypeScript with additions of its own. */
type Compiler = typeof typeScript;
const compilers = [
  ['TypeScript', typeScript],
  ['TypeScript of the kernel', tslabTypeScript as unknown as Compiler],
] as const;

const dist = join(notebooksFolder, '..', 'dist');
const isBuilt = existsSync(join(dist, 'index.d.ts'));
if (!isBuilt) process.stderr.write('notebook types: dist/ is missing, SKIPPED; "npm run build" makes it\n');

/** Cells are strict here, though not in the kernel. */
function options(ts: Compiler): typeScript.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.ES2022,
    // As the kernel resolves: '..' through package.json's main and types.
    moduleResolution: ts.ModuleResolutionKind.Node10,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  };
}

/** A notebook's cells as one module: what an earlier cell declares, later ones see. */
function moduleText({ code }: Notebook): string {
  return code.map((cell) => cell.source).join('\n');
}

/** `cell 3, line 2` of a line of the module, from 0. */
function cellOf({ code }: Notebook, line: number): string {
  let first = 0;
  for (const { position, lines } of code) {
    if (line < first + lines.length) return `cell ${position}, line ${line - first + 1}`;
    first += lines.length;
  }
  return `line ${line + 1}`;
}

function typeErrors(ts: Compiler, notebook: Notebook, text: string): string[] {
  const file = join(notebooksFolder, notebook.name.replace(/ipynb$/, 'ts'));
  const compilerOptions = options(ts);
  const host = ts.createCompilerHost(compilerOptions);
  const before = { ...host };
  host.fileExists = (name) => name === file || before.fileExists(name);
  host.readFile = (name) => (name === file ? text : before.readFile(name));
  const program = ts.createProgram([file], compilerOptions, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
    const start = diagnostic.start ?? 0;
    return `${cellOf(notebook, text.slice(0, start).split('\n').length - 1)}: ${message}`;
  });
}

describe.skipIf(!isBuilt).each(compilers)('%s', (_, ts) => {
  it.each(readNotebooks().map((notebook) => [notebook.name, notebook] as const))(
    'finds no error in %s',
    (_name, notebook) => {
      expect(typeErrors(ts, notebook, moduleText(notebook))).toEqual([]);
    },
  );

  it('finds a wrong call, and says in which cell', () => {
    const cell = (position: number, source: string): Notebook['code'][number] => ({
      position,
      source,
      lines: source.split('\n'),
      outputs: [],
      executionCount: null,
    });
    const code = [cell(2, "import { embeddingGap } from '..';\n"), cell(4, "\nembeddingGap('P', []);")];
    const wrong: Notebook = { name: '99_wrong.ipynb', format: 4, kernel: 'tslab', markdown: [], code };
    const [error, ...others] = typeErrors(ts, wrong, moduleText(wrong));
    expect(others).toEqual([]);
    expect(error).toMatch(
      /^cell 4, line 2: Argument of type 'string' is not assignable to parameter of type 'Vectors'/,
    );
  });

  it('reads the built declarations without an error', () => {
    const compilerOptions = { ...options(ts), skipLibCheck: false };
    const program = ts.createProgram([join(dist, 'index.d.ts')], compilerOptions);
    const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(dist, '/')));
    expect(own.length).toBeGreaterThan(10);
    const errors = own.flatMap((source) => program.getSemanticDiagnostics(source));
    expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
  });
});
