import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckpointError, ConfigError, TrainingError } from '../../src/errors';
import { readRows, type ResultRow } from '../../src/experiments/resultRow';
import { runExperiment, type RunExperimentOptions } from '../../src/experiments/runExperiment';
import { limitRule } from '../../src/experiments/rule';
import { tf, useBackend } from '../../src/tensor/backend';
import { writeTinyModel } from '../cli/tinyModel';
import { temporaryFolder } from '../support/temporaryFolder';
import { tinyExperiment, writeTinyData } from '../support/tinyExperiment';

const seeds = (row: ResultRow | undefined): (number | null)[] => row?.scores.map(({ seed }) => seed) ?? [];

async function place(): Promise<RunExperimentOptions & { readonly file: string }> {
  const folder = temporaryFolder();
  await writeTinyModel(join(folder, 'model'));
  writeTinyData(join(folder, 'data'));
  return {
    model: join(folder, 'model'),
    data: join(folder, 'data'),
    out: join(folder, 'runs'),
    file: join(folder, 'model', 'tiny.jsonl'),
  };
}

beforeAll(() => useBackend('tensorflow'));

describe('runExperiment', () => {
  it('measures every kind of row once, keeps each with what it depends on, and tells it on the card', async () => {
    const { file, ...options } = await place();
    writeFileSync(join(options.model, 'README.md'), '# Tiny\n');
    const told: string[] = [];
    const rules = [limitRule('frozen below 15', 'BLEU', 'frozen', (mean) => mean < 15)];
    const before = tf.memory().numTensors;
    const report = await runExperiment(
      { ...tinyExperiment, rules },
      { ...options, onRow: ({ row }, done, total) => told.push(`${done}/${total} ${row}`) },
    );
    expect(tf.memory().numTensors).toBe(before);
    const names = tinyExperiment.rows.map(({ name }) => name);
    expect(told).toEqual(names.map((name, i) => `${i + 1}/${names.length} ${name}`));
    expect(report.rows).toEqual(readRows(file));
    expect(report.missing).toEqual([]);
    expect(report.findings.map(({ judged }) => judged?.verdict)).toEqual(['pass']);
    const rows = new Map(report.rows.map((row) => [row.row, row]));
    expect(rows.get('frozen')).toMatchObject({ preset: 'tiny', model: report.model, unit: 'BLEU', n: 3 });
    expect(seeds(rows.get('frozen'))).toEqual([null]);
    expect(rows.get('names')).toMatchObject({ unit: '%', n: 3 });
    const weights = rows.get('weights');
    expect(weights?.config).toMatchObject({
      task: 'e2e',
      shots: 4,
      seeds: [0, 1],
      method: { method: 'fine-tuning' },
      training: { steps: 3, optimizer: { name: 'adamw' } },
      generation: { numBeams: 1 },
    });
    expect(seeds(weights)).toEqual([0, 1]);
    const [prompt] = rows.get('prompts')?.scores ?? [];
    expect(prompt?.measures?.['prompt.centroidGap']).toBeGreaterThan(0);
    expect(prompt?.measures?.['scaled.normRatio']).toBeGreaterThan(0);
    const time = rows.get('time')?.scores[0];
    expect(time?.measures?.['steps']).toBe(3);
    expect(time?.score).toBeGreaterThan(time?.measures?.['medianStep'] ?? NaN);
    expect(readFileSync(join(options.model, 'README.md'), 'utf8')).toBe(
      `# Tiny\n\n<!-- tiny -->\n\n${names.join(', ')}; 1 rules\n\n<!-- end of tiny -->\n`,
    );
    // Prompts stay, copies of the model do not.
    expect(readdirSync(options.out).filter((name) => name.startsWith('fine'))).toEqual([]);
    expect(readdirSync(options.out).filter((name) => name.startsWith('scaled'))).toHaveLength(2);

    const kept = readFileSync(file);
    told.length = 0;
    const again = await runExperiment(
      { ...tinyExperiment, rules },
      { ...options, onRow: ({ row }) => told.push(row) },
    );
    expect([told, readFileSync(file).equals(kept), again.rows]).toEqual([[], true, report.rows]);
  });

  it('scores a training after a pause as one that was asked for no more steps', async () => {
    const { file, ...options } = await place();
    await runExperiment(tinyExperiment, { ...options, only: /after/ });
    const short = tinyExperiment.rows.map((row) =>
      row.name === 'prompts after 4' && row.kind === 'tuned'
        ? { ...row, name: 'short', pauseAt: 4, experiment: { ...row.experiment, steps: 4 } }
        : row,
    );
    await runExperiment({ ...tinyExperiment, rows: short }, { ...options, only: /short/ });
    const rows = new Map(readRows(file).map((row) => [row.row, row.scores]));
    expect(rows.get('prompts after 4')).toEqual(rows.get('short'));
    expect(rows.get('prompts after 8')).not.toEqual(rows.get('short'));
  });

  it('measures only what is asked for, and again what a killed process left torn', async () => {
    const { file, ...options } = await place();
    const report = await runExperiment(tinyExperiment, { ...options, only: /^(frozen|names)$/ });
    expect(report.missing).toHaveLength(tinyExperiment.rows.length - 2);
    const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${first}\n${second.slice(0, 40)}`);
    await runExperiment(tinyExperiment, { ...options, only: /^(frozen|names)$/ });
    const same = readRows(file).map(({ row, scores }) => ({ row, scores }));
    expect(same).toEqual(report.rows.map(({ row, scores }) => ({ row, scores })));
    await expect(runExperiment(tinyExperiment, { ...options, only: /nothing/ })).rejects.toThrow(
      /^tiny: no row is named so; rows are frozen, names/,
    );
  });

  it('refuses rows of another model, rows measured otherwise, and damaged ones', async () => {
    const { file, ...options } = await place();
    const only = /^frozen$/;
    await runExperiment(tinyExperiment, { ...options, only });
    const other = temporaryFolder();
    cpSync(options.model, other, { recursive: true });
    await writeTinyModel(other, { dModel: 20 });
    const foreign = runExperiment(tinyExperiment, { ...options, model: other, only });
    await expect(foreign).rejects.toThrow(CheckpointError);
    await expect(foreign).rejects.toThrow(
      /must hold rows of the model beside it, \w{16}; found frozen of \w{16}/,
    );

    appendFileSync(join(options.data ?? '', 'e2e', 'testset_w_refs.csv'), 'name[x99],the area 99.\n');
    const copy = join(temporaryFolder(), 'data');
    cpSync(options.data ?? '', copy, { recursive: true });
    await expect(runExperiment(tinyExperiment, { ...options, data: copy, only })).rejects.toThrow(
      /frozen: was measured otherwise: data \(there "\w+", asked "\w+"\); delete its line/,
    );

    writeFileSync(file, `{"row":\n`);
    await expect(runExperiment(tinyExperiment, { ...options, only })).rejects.toThrow(
      /tiny\.jsonl:1: damaged: must be one JSON document; found \{"row":/,
    );
  });

  it('ends after its step when interrupted, and goes on', async () => {
    const { file, ...options } = await place();
    const interruption = new AbortController();
    let steps = 0;
    const stopped = runExperiment(tinyExperiment, {
      ...options,
      only: /^(frozen|prompts)$/,
      signal: interruption.signal,
      onTraining: ({ kind }) => {
        if (kind === 'step' && ++steps === 3) interruption.abort();
      },
    });
    await expect(stopped).rejects.toThrow(TrainingError);
    await expect(stopped).rejects.toThrow(/^interrupted; .*tiny\.jsonl keeps the finished rows/);
    expect(readRows(file).map(({ row }) => row)).toEqual(['frozen']);
    await runExperiment(tinyExperiment, {
      ...options,
      only: /^(frozen|prompts)$/,
      onTraining: ({ kind }) => (steps += kind === 'step' ? 1 : 0),
    });
    expect(steps).toBe(8);
    expect(readRows(file)).toHaveLength(2);
  });

  it('says of a training that is past a row’s step what to delete', async () => {
    const { file, ...options } = await place();
    await runExperiment(tinyExperiment, { ...options, only: /after/ });
    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(1).join('\n'));
    const again = runExperiment(tinyExperiment, { ...options, only: /after/ });
    await expect(again).rejects.toThrow(ConfigError);
    await expect(again).rejects.toThrow(
      /scaled-prompt-tuning-e2e-4-\w{8}: the training is past step 4; delete it/,
    );
    expect(existsSync(file)).toBe(true);
  });
});
