import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBackend } from '../../src/tensor/backend';
import { build, type Result, spt } from './spt';
import { e2eRows as rows } from './e2eRows';
import { writeTinyModel } from './tinyModel';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'spt-peft-'));
  mkdirSync(at('e2e'));
  writeFileSync(at('e2e', 'trainset.csv'), rows(10, 20));
  writeFileSync(at('e2e', 'devset.csv'), rows(40, 20));
  await useBackend('tensorflow');
  await writeTinyModel(at('model'));
  const options = ['--task', 'e2e', '--root', folder, '--shots', '4', '--steps', '2', '--batch', '2'];
  const train = (...more: string[]): Result => spt(['train', '--model', at('model'), ...options, ...more]);
  const scaled = ['--method', 'scaled-prompt-tuning', '--length', '5', '--seed', '1,2'];
  expect(train(...scaled, '--out', at('scaled')).status).toBe(0);
  expect(train('--method', 'bitfit', '--out', at('bitfit')).status).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ok = (args: readonly string[]): unknown => {
  const { status, stdout, stderr } = spt([...args, '--json']);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as unknown;
};
const expectOneLine = ({ status, stdout, stderr }: Result, message: RegExp): void => {
  expect(stderr).toMatch(message);
  expect([status, stdout, stderr.split('\n').length]).toEqual([1, '', 2]);
};
const importFrom = (adapter: string, out: string, ...more: string[]): string[] => [
  ...['import', '--from', 'peft', '--adapter', adapter, '--task', 'e2e', '--root', folder],
  ...['--out', out, ...more],
];

test('a population goes out as adapters, and one of them comes back as a run for every verb', () => {
  const exported = ok(['export', '--run', at('scaled'), '--format', 'peft', '--out', at('peft')]);
  const settings = {
    peft_type: 'PROMPT_TUNING',
    num_virtual_tokens: 5,
    base_model_name_or_path: at('model'),
  };
  expect(exported).toMatchObject({ [at('peft', 'seed-1')]: settings, [at('peft', 'seed-2')]: settings });

  // The model is the one that the adapter names.
  const config = ok(importFrom(at('peft', 'seed-2'), at('back')));
  expect(config).toMatchObject({
    context: { model: at('model'), task: 'e2e', root: folder, imported: settings },
    method: { method: 'prompt-tuning', length: 5 },
    training: null,
  });
  expect(ok(importFrom(at('peft', 'seed-2'), at('back')))).toEqual(config);

  writeFileSync(at('inputs.jsonl'), '{"id":1,"source":"name[x1]"}\n{"id":2,"source":"the area"}\n');
  const generate = (run: string): unknown =>
    ok(['generate', '--model', at('model'), '--adapter', run, '--input', at('inputs.jsonl')]);
  expect(generate(at('back'))).toEqual(generate(at('scaled', 'seed-2')));

  const evaluate = (run: string): unknown => ok(['evaluate', '--run', run, '--split', 'dev']);
  expect(evaluate(at('back'))).toEqual(evaluate(at('scaled', 'seed-2')));

  type Gap = { sets: { part: string }[]; measures: Record<string, { value: number }> };
  const gap = (run: string): Gap => ok(['gap', '--run', run, '--permutations', '9']) as Gap;
  const [there, here] = [gap(at('scaled', 'seed-2')), gap(at('back'))];
  expect(here.sets.map(({ part }) => part)).toEqual(['prompt', 'vocabulary']);
  for (const measure of ['centroidGap', 'normRatio', 'energyDistance'])
    expect(here.measures[measure]?.value, measure).toBeCloseTo(there.measures[measure]?.value ?? NaN, 4);
}, 120_000);

test('what cannot go out or come in is said in one line, and nothing is written', () => {
  expectOneLine(
    spt(['export', '--run', at('bitfit'), '--format', 'peft', '--out', at('no')]),
    /^error: \S+bitfit: bitfit: peft has no such method, nor does a run fold into one of prompt-tuning, .*\n$/,
  );
  expect(existsSync(at('no'))).toBe(false);
  expectOneLine(
    spt(importFrom(at('model'), at('no'))),
    /^error: \S+model: no PEFT adapter: it holds no adapter_config\.json\n$/,
  );
  mkdirSync(at('named'));
  const settings = JSON.parse(readFileSync(at('peft', 'seed-1', 'adapter_config.json'), 'utf8')) as object;
  writeFileSync(
    at('named', 'adapter_config.json'),
    JSON.stringify({ ...settings, base_model_name_or_path: null }),
  );
  expectOneLine(
    spt(importFrom(at('named'), at('no'))),
    /^error: \S+named: the adapter names no model; --model does\n$/,
  );
  expectOneLine(
    spt(importFrom(at('named'), at('no'), '--model', at('model'))),
    /^error: \S+adapter_model\.safetensors: cannot be opened: /,
  );
  expectOneLine(
    spt(importFrom(at('peft', 'seed-1'), at('scaled', 'seed-1'))),
    /^error: \S+seed-1: holds a run with another config: .*; choose another folder\n$/,
  );
  expect(existsSync(at('no'))).toBe(false);
});
