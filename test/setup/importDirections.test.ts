import { ESLint } from 'eslint';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';

let eslint: ESLint;

/** Lints a text as if it were the file: the rules that it breaks. */
async function broken(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return [...new Set(result?.messages.map((message) => message.ruleId ?? message.message))];
}

beforeAll(() => {
  // Texts under names that do not exist cannot be type-checked; the rules under test need no types.
  eslint = new ESLint({
    ruleFilter: ({ ruleId }) => !ruleId.startsWith('@typescript-eslint/'),
    overrideConfig: { languageOptions: { parserOptions: { project: null, program: null } } },
  });
});

const direction = 'import/no-restricted-paths';

describe('imports point one way', () => {
  test.each([
    ['src/tensor/probe.ts', `import { parseT5Config } from '../model/config';`],
    ['src/model/probe.ts', `import type { TuningMethod } from '../tuning/method';`],
    ['src/tasks/probe.ts', `import { tf } from '../tensor/backend';`],
    ['src/metrics/probe.ts', `import { tf } from '../tensor/backend';`],
    ['src/tuning/probe.ts', `export { random } from '../tasks/task';`],
    ['src/training/probe.ts', `import { setUp } from '../setup/run.mjs';`],
    ['src/setup/probe.mjs', `import { SptError } from '../errors.ts';`],
  ])('%s must not say %s', async (file, code) => {
    expect(await broken(file, code)).toContain(direction);
  });

  test.each([
    ['src/tasks/probe.ts', `import { random } from '../tensor/random';`],
    ['src/tasks/probe.ts', `import { DataError } from '../errors';`],
    ['src/training/probe.ts', `import type { TuningMethod } from '../tuning/method';`],
    ['src/tuning/scaling/probe.ts', `import { tf } from '../../tensor/backend';`],
    ['src/cli/probe.ts', `import type { TuningMethod } from '../tuning/method';`],
  ])('%s may say %s', async (file, code) => {
    expect(await broken(file, code)).not.toContain(direction);
  });
});

test('tfjs enters by one door', async () => {
  const code = `import * as tf from '@tensorflow/tfjs';`;
  expect(await broken('src/model/probe.ts', code)).toContain('no-restricted-imports');
  expect(await broken('src/tensor/backend.ts', code)).not.toContain('no-restricted-imports');
});

test('set-up uses Node built-ins only', async () => {
  expect(await broken('src/setup/probe.mjs', `import z from 'zod';`)).toContain('no-restricted-imports');
  expect(await broken('src/setup/probe.mjs', `import fs from 'node:fs';`)).not.toContain(
    'no-restricted-imports',
  );
});

test('no file is called utils, and no comment switches a rule off', async () => {
  expect(await broken('src/tensor/utils.ts', 'export const x = 1;')).toContain('house/no-utils');
  const message = await eslint.lintText('/* eslint eqeqeq: "off" */\nexport const x = a == 1;', {
    filePath: 'src/tensor/probe.ts',
  });
  expect(message[0]?.messages.map(({ ruleId }) => ruleId)).toContain('eqeqeq');
});

test('no file imports itself by way of others', () => {
  const root = path.resolve(__dirname, '../..');
  const typesOnly = /^(import|export) type [^;]*;/gm;
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.m?ts$|\.mjs$/.test(name))
    .map((name) => path.join(root, 'src', name));
  const imports = new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8').replaceAll(typesOnly, ''));
      const targets = importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => path.resolve(path.dirname(file), fileName))
        .map((target) =>
          [target, `${target}.ts`, path.join(target, 'index.ts')].find((name) => files.includes(name)),
        );
      return [file, targets.filter((target) => target !== undefined)];
    }),
  );
  const open: string[] = [];
  const closed = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string): void => {
    if (open.includes(file))
      cycles.push(
        [...open.slice(open.indexOf(file)), file].map((name) => path.relative(root, name)).join(' > '),
      );
    if (open.includes(file) || closed.has(file)) return;
    open.push(file);
    imports.get(file)?.forEach(visit);
    open.pop();
    closed.add(file);
  };
  files.forEach(visit);
  expect(imports.get(path.join(root, 'src/setup/setUp.mjs'))?.length).toBeGreaterThan(5);
  expect(cycles).toEqual([]);
});
