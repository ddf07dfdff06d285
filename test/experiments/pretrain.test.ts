import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pretrain, type PretrainOptions } from '../../src/experiments/pretrain';
import { loadT5 } from '../../src/model/checkpoint';
import { useBackend } from '../../src/tensor/backend';

const tiny = {
  steps: 6,
  copySteps: 0,
  warmupSteps: 2,
  batch: 4,
  evaluateEvery: 2,
  checkpointEvery: 2,
  vocabulary: 600,
  tokenizerExamples: 150,
  maxSourceTokens: 400,
  maxTargetTokens: 200,
  dModel: 16,
  dKv: 8,
  dFf: 32,
  numHeads: 2,
  numEncoderLayers: 1,
  numDecoderLayers: 1,
  validationExamples: 8,
  skillExamples: 2,
} as const;

describe('pretrain', () => {
  let folder = '';
  const options = (run: string): PretrainOptions => ({
    ...tiny,
    out: join(folder, run),
    model: join(folder, run, 'model'),
  });

  beforeAll(async () => {
    await useBackend('tensorflow');
    folder = mkdtempSync(join(tmpdir(), 'pretrain-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('trains, looks at each task at its intervals, and leaves a model that loads', async () => {
    const seen: number[] = [];
    const { evaluations, skills } = await pretrain({
      ...options('whole'),
      onEvaluation: ({ step }) => seen.push(step),
    });
    expect(seen).toEqual([2, 4, 6]);
    expect(evaluations.map(({ step }) => step)).toEqual([2, 4, 6]);
    const losses = evaluations.map(({ tasks }) => tasks.copy.loss);
    expect(losses[2]).toBeLessThan(losses[0] ?? 0);
    expect(losses[0]).toBeGreaterThan(3);
    expect(skills?.copyUnseenNames).toBe(0);
    const log = readFileSync(join(folder, 'whole/evaluations.jsonl'), 'utf8').trimEnd().split('\n');
    expect(log.map((line) => JSON.parse(line) as unknown)).toEqual(evaluations);

    const model = await loadT5(join(folder, 'whole/model'));
    expect(model.config.dModel).toBe(16);
    expect(model.tokenizer?.decode(model.tokenizer.encode('The Brotal, of 5.'))).toBe('The Brotal, of 5.');
    model.dispose();
    const card = readFileSync(join(folder, 'whole/model/README.md'), 'utf8');
    expect(card).toContain('6 steps of 4 examples');
    expect(card).toContain(`| copy | ${evaluations[2]?.tasks.copy.loss.toFixed(3)} |`);
  });

  it('goes on after an interruption and ends where an uninterrupted one does', async () => {
    const interruption = new AbortController();
    const first = await pretrain({
      ...options('resumed'),
      signal: interruption.signal,
      onProgress: ({ kind, step }) => {
        if (kind === 'step' && step === 3) interruption.abort();
      },
    });
    expect(first.skills).toBeNull();
    expect(first.evaluations.map(({ step }) => step)).toEqual([2]);
    const { evaluations } = await pretrain(options('resumed'));
    const whole = readFileSync(join(folder, 'whole/evaluations.jsonl'), 'utf8').trimEnd().split('\n');
    evaluations.forEach(({ step, tasks }, i) => {
      const other = JSON.parse(whole[i] ?? '') as (typeof evaluations)[number];
      expect(step).toBe(other.step);
      expect(tasks.template.loss).toBeCloseTo(other.tasks.template.loss, 3);
      expect(tasks.copy.loss).toBeCloseTo(other.tasks.copy.loss, 3);
    });
  });

  it('refuses an unknown option and a folder that holds another pretraining', async () => {
    await expect(pretrain({ ...options('whole'), stepz: 3 } as PretrainOptions)).rejects.toThrow(/stepz/);
    await expect(pretrain({ ...options('whole'), steps: 0 })).rejects.toThrow(
      /^pretraining configuration: steps: /,
    );
    await expect(pretrain({ ...options('whole'), learningRate: 0.5 })).rejects.toThrow(
      /another config: training\.learningRate/,
    );
  });
});
