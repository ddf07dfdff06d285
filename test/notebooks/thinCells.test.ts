import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readNotebooks } from './notebookCells';

const packageFile = join(__dirname, '..', '..', 'package.json');
const { dependencies } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Names that a statement declares at the top of a cell. */
function declaredNames(statement: ts.Statement): string[] {
  const names = (name: ts.BindingName): string[] =>
    ts.isIdentifier(name)
      ? [name.text]
      : name.elements.flatMap((element) => (ts.isBindingElement(element) ? names(element.name) : []));
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => names(name));
  if (!ts.isImportDeclaration(statement)) return [];
  const bindings = statement.importClause?.namedBindings;
  return bindings !== undefined && ts.isNamedImports(bindings)
    ? bindings.elements.map(({ name }) => name.text)
    : [];
}

describe.each(readNotebooks().map((notebook) => [notebook.name, notebook] as const))('%s', (_, notebook) => {
  it('is numbered, begins with a title and runs in the TypeScript kernel', () => {
    expect(notebook.name).toMatch(/^\d\d_[a-z0-9_]+\.ipynb$/);
    expect(notebook.format).toBe(4);
    expect(notebook.kernel).toBe('tslab');
    expect(notebook.markdown[0]).toMatch(/^# \S/);
    expect(notebook.code.length).toBeGreaterThan(0);
  });

  it('has thin cells: at most 15 lines of at most 130 characters, which define nothing', () => {
    for (const { position, lines, source } of notebook.code) {
      const where = `cell ${position}`;
      expect(lines.length, where).toBeLessThanOrEqual(15);
      expect(Math.max(...lines.map((line) => line.length)), where).toBeLessThanOrEqual(130);
      expect(source, where).not.toMatch(/\b(function|class|interface|enum|namespace)\b/);
      // A named arrow function is a definition as well; those handed to a call are not.
      expect(source, where).not.toMatch(
        /\b(const|let|var)\s+\w+\s*(:[^=]+)?=\s*(async\s*)?(\([^)]*\)|\w+)\s*(:[^=]+)?=>/,
      );
    }
  });

  it('does not shorten { name: name } to { name } for a name of an earlier cell, which tslab 1.0.22 loses', () => {
    const known = new Set<string>();
    for (const { position, source } of notebook.code) {
      const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2022, true);
      const visit = (node: ts.Node): void => {
        if (ts.isShorthandPropertyAssignment(node))
          expect(known, `cell ${position}: { ${node.name.text} }`).not.toContain(node.name.text);
        ts.forEachChild(node, visit);
      };
      visit(file);
      for (const statement of file.statements) for (const name of declaredNames(statement)) known.add(name);
    }
  });

  it('imports the built package and dependencies only', () => {
    const sources = notebook.code.map((cell) => cell.source).join('\n');
    const imported = [
      ...sources.matchAll(/\bfrom\s+'([^']+)'|\brequire\(\s*'([^']+)'|\bimport\(\s*'([^']+)'/g),
    ];
    expect(imported.length).toBeGreaterThan(0);
    for (const match of imported) {
      const name =
        (match as readonly (string | undefined)[]).slice(1).find((part) => part !== undefined) ?? '';
      expect(name === '..' || name in dependencies, name).toBe(true);
    }
  });

  it('is kept without outputs', () => {
    for (const { outputs, executionCount } of notebook.code) {
      expect(outputs).toEqual([]);
      expect(executionCount).toBeNull();
    }
  });
});
