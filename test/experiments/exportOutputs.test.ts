import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportOutputs, type Output } from '../../src/experiments/exportOutputs';
import { temporaryFolder } from '../support/temporaryFolder';

const output = (text: string, references: readonly string[]): Output => ({
  text,
  example: { id: text, source: 's', target: references[0] ?? '', references, meta: {} },
});
const outputs = [output('A\nb.', ['One-two.', 'Three', 'c', 'd', 'e']), output('', ['Fünf £5'])];

async function written(protocol: 'e2e' | 'webnlg' | 'dart'): Promise<Record<string, string>> {
  const folder = join(temporaryFolder(), 'out');
  const names = await exportOutputs(outputs, protocol, folder);
  expect(readdirSync(folder).sort()).toEqual([...names].sort());
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

test('each protocol’s files, one line an item, references padded with empty lines', async () => {
  expect(await written('e2e')).toEqual({
    'outputs.txt': 'A b.\n\n',
    'references.txt': 'One-two.\nThree\nc\nd\ne\n\nFünf £5\n\n',
  });
  expect(await written('webnlg')).toEqual({
    hypothesis: 'A b.\n\n',
    reference0: 'One-two.\nFünf £5\n',
    reference1: 'Three\n\n',
    reference2: 'c\n\n',
    reference3: 'd\n\n',
  });
  expect(await written('dart')).toEqual({
    'hypothesis.txt': 'a b .\n\n',
    'reference0.lex': 'one - two .\nfünf £ 5\n',
    'reference1.lex': 'three\n\n',
    'reference2.lex': 'c\n\n',
  });
});

test('nothing to export is refused', async () => {
  await expect(exportOutputs([], 'e2e', temporaryFolder())).rejects.toThrow('there are no outputs to export');
});
