import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { seq2SeqBatch } from '../../src/model/batch';
import { loadT5, saveT5 } from '../../src/model/checkpoint';
import type { T5Config } from '../../src/model/config';
import type { FloatDtype } from '../../src/model/safetensors';
import { logits } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { temporaryFolder } from '../support/temporaryFolder';
import { tinyT5 } from '../support/tinyT5';
import { deviation } from './deviation';

const python = process.env['SPT_PEERS'];

type Loaded = {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly tied: boolean;
  readonly startTokenId: number;
  readonly logits: readonly number[];
};

describe.skipIf(python === undefined)('transformers', () => {
  beforeAll(async () => {
    await useBackend('tensorflow');
  });

  const cases: readonly (readonly [FloatDtype, Partial<T5Config>])[] = [
    ['F32', { feedForward: 'relu' }],
    ['F16', { numEncoderLayers: 1, numDecoderLayers: 3, dKv: 5, numHeads: 3 }],
    ['BF16', { scaleDecoderOutputs: false, relativeAttentionNumBuckets: 16, layerNormEpsilon: 1e-5 }],
    ['F32', { scaleDecoderOutputs: false, decoderStartTokenId: 2 }],
  ];

  it('loads what saveT5 wrote as the same model', { timeout: 600_000 }, async () => {
    const folders: string[] = [];
    for (const [dtype, config] of cases) {
      const folder = temporaryFolder();
      const model = tinyT5(4, config);
      await saveT5(model, folder, { dtype });
      model.dispose();
      folders.push(folder);
    }
    const sources = [
      [5, 9, 2, 33, 1],
      [7, 7, 8, 3, 1],
    ];
    const targets = [
      [4, 6, 1],
      [9, 30, 1],
    ];
    const answer = execFileSync(python as string, [path.join(__dirname, 'savedCheckpoint.py'), ...folders], {
      input: JSON.stringify({ sources, targets }),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const all = JSON.parse(answer) as readonly Loaded[];
    const batch = seq2SeqBatch(
      sources.map((source, i) => ({ source, target: targets[i] ?? [] })),
      0,
    );
    for (const [i, [dtype, config]] of cases.entries()) {
      const shown = `${dtype} ${JSON.stringify(config)}`;
      const model = await loadT5(folders[i] as string);
      const ours = logits(model, batch);
      const theirs = all[i] as Loaded;
      expect(theirs, shown).toMatchObject({
        missing: [],
        unexpected: [],
        tied: config.scaleDecoderOutputs !== false,
        startTokenId: config.decoderStartTokenId ?? 0,
      });
      expect(deviation(await ours.data(), theirs.logits), shown).toBeLessThan(1e-5);
      ours.dispose();
      model.dispose();
    }
    tf.dispose([batch.source, batch.target]);
  });
});
