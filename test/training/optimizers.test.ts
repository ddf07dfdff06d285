import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { adafactor } from '../../src/training/adafactor';
import { adamW } from '../../src/training/adamW';
import { clipGradients, gradientNorms } from '../../src/training/clip';
import type { Tensors } from '../../src/training/optimizer';
import type { OptimizerConfig } from '../../src/training/trainConfig';
import { tf, useBackend } from '../../src/tensor/backend';

/** By name, then by run: the flat values. */
type Stacked = Readonly<Record<string, readonly (readonly number[])[]>>;

type Fixture = {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly rates: Readonly<Record<string, number>>;
  readonly start: Stacked;
  readonly grads: readonly Stacked[];
  readonly cases: Readonly<
    Record<string, { readonly config: OptimizerConfig; readonly after: readonly [Stacked, Stacked] }>
  >;
  readonly clip: { readonly maxNorm: number; readonly norms: readonly number[]; readonly grads: Stacked };
};

const fixtureText = readFileSync(join(__dirname, 'optimizers.json'), 'utf8');
const fixture = JSON.parse(fixtureText) as Fixture;

const tensors = (stacked: Stacked): Tensors =>
  Object.fromEntries(
    Object.entries(stacked).map(([name, runs]) => [
      name,
      tf.tensor(runs.flat(), [runs.length, ...(fixture.shapes[name] ?? [])]),
    ]),
  );

async function expectClose(found: Tensors, wanted: Stacked): Promise<void> {
  for (const [name, runs] of Object.entries(wanted)) {
    const values = await (found[name] as tf.Tensor).data();
    runs.flat().forEach((value, i) => {
      const error = Math.abs((values[i] as number) - value);
      expect(error, `${name}[${i}]`).toBeLessThanOrEqual(1e-5 * Math.abs(value) + 1e-6);
    });
  }
}

beforeAll(async () => {
  await useBackend('tensorflow');
});

describe("optimizers against PyTorch's, three runs of different size stacked", () => {
  it.each(Object.keys(fixture.cases))('%s', async (label) => {
    const { config, after } = fixture.cases[label] as Fixture['cases'][string];
    const optimizer = config.name === 'adamw' ? adamW(config) : adafactor(config);
    let params = tensors(fixture.start);
    let state = optimizer.init(params);
    const before = tf.memory().numTensors;
    for (const [i, grads] of fixture.grads.entries()) {
      const gradTensors = tensors(grads);
      const next = optimizer.update(gradTensors, state, params, fixture.rates, i + 1);
      tf.dispose([gradTensors, state, params]);
      ({ params, state } = next);
      if (i === 0) await expectClose(params, after[0]);
    }
    await expectClose(params, after[1]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([params, state]);
  });

  it('clips each run by its own norm', async () => {
    const grads = tensors(fixture.grads[0] as Stacked);
    const norms = gradientNorms(grads);
    const clipped = clipGradients(grads, norms, fixture.clip.maxNorm);
    (await norms.data()).forEach((norm, run) => {
      const wanted = fixture.clip.norms[run] as number;
      expect(Math.abs(norm - wanted) / wanted).toBeLessThan(1e-6);
    });
    await expectClose(clipped, fixture.clip.grads);
    expect(fixture.clip.norms[0]).toBeLessThan(fixture.clip.maxNorm);
    tf.dispose([grads, norms, clipped]);
  });

  it('updates large parameters as it does small ones', async () => {
    const optimizer = adamW((fixture.cases['adamw'] as { config: OptimizerConfig }).config as never);
    const values = Float32Array.from({ length: 2 * 70_000 }, (_, i) => Math.sin(i));
    const large = tf.tensor(values, [2, 700, 100]);
    const small = large.slice([0, 0, 0], [2, 10, 10]);
    const params = { large, small };
    const state = optimizer.init(params);
    const next = optimizer.update(params, state, params, { large: 0.1, small: 0.1 }, 1);
    const part = (next.params['large'] as tf.Tensor).slice([0, 0, 0], [2, 10, 10]);
    expect(await part.data()).toEqual(await (next.params['small'] as tf.Tensor).data());
    expect(Object.keys(state).sort()).toEqual(['first.0', 'first.1', 'second.0', 'second.1']);
    tf.dispose([params, state, next, part]);
  });

  it.skipIf(process.env['SPT_PEERS'] === undefined)('the fixture is what PyTorch says today', () => {
    const script = join(__dirname, '../parity/optimizers.py');
    const live = execFileSync(process.env['SPT_PEERS'] as string, [script], { encoding: 'utf8' });
    const flat = (text: string): number[] =>
      [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g)].map(([n]) => Number(n));
    const [found, wanted] = [flat(live), flat(fixtureText)];
    expect(found.length).toBe(wanted.length);
    found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 4));
  });
});
