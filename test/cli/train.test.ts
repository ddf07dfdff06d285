import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useBackend } from '../../src/tensor/backend';
import { build, interrupt, jsonLines, type Result, spt } from './spt';
import { e2eRows as rows } from './e2eRows';
import { writeTinyModel } from './tinyModel';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'spt-train-'));
  mkdirSync(at('e2e'));
  writeFileSync(at('e2e', 'trainset.csv'), rows(10, 20));
  writeFileSync(at('e2e', 'devset.csv'), rows(40, 8));
  writeFileSync(at('e2e', 'testset_w_refs.csv'), rows(60, 6));
  await useBackend('tensorflow');
  await writeTinyModel(at('model'));
});

/** Options of a short training, as a user would write them. */
const options = (out: string, ...more: string[]): string[] => [
  ...['train', '--model', at('model'), '--task', 'e2e', '--root', folder, '--shots', '4'],
  ...['--steps', '3', '--batch', '2', '--length', '5', '--out', at(out), ...more],
];
const expectOneLine = (result: Result, message: RegExp, status = 1): void => {
  expect(result.stderr).toMatch(message);
  expect([result.stdout, result.stderr.split('\n').length, result.status]).toEqual(['', 2, status]);
};
type Config = { context: object; method: object; training: object; seed: number };
const readConfig = (...names: string[]): Config =>
  JSON.parse(readFileSync(at(...names, 'config.json'), 'utf8')) as Config;

describe('one run', () => {
  test('is trained, kept with its resolved config, and returned at once when asked for again', () => {
    const args = options(
      'one',
      '--method',
      'scaled-prompt-tuning',
      '--seed',
      '7',
      '--init',
      'uniform:0.25',
      '--json',
    );
    const first = spt(args);
    expect([first.stderr, first.status]).toEqual(['', 0]);
    const document = JSON.parse(first.stdout) as {
      runs: { seed: number; best: { step: number; devLoss: number } }[];
    };
    expect(document.runs).toHaveLength(1);
    expect(document.runs[0]?.best.devLoss).toBeGreaterThan(0);
    const config = readConfig('one');
    expect(config.seed).toBe(7);
    expect(config.context).toEqual({
      model: at('model'),
      task: 'e2e',
      root: folder,
      shots: 4,
      references: 'one',
      devSize: null,
    });
    expect(config.method).toEqual({
      method: 'scaled-prompt-tuning',
      length: 5,
      init: { kind: 'uniform', range: 0.25 },
      scaling: 'token-wise',
    });
    expect(config.training).toMatchObject({
      steps: 3,
      batch: 2,
      learningRate: 1,
      optimizer: { name: 'adamw', weightDecay: 0 },
    });
    const steps = jsonLines(readFileSync(at('one', 'metrics.jsonl'), 'utf8')).filter(
      (m) => 'loss' in (m as object),
    );
    expect(steps).toHaveLength(3);
    const written = readFileSync(at('one', 'adapter.safetensors'));
    rmSync(at('e2e', 'trainset.csv'));
    try {
      expect(spt(args)).toEqual(first);
    } finally {
      writeFileSync(at('e2e', 'trainset.csv'), rows(10, 20));
    }
    expect(readFileSync(at('one', 'adapter.safetensors')).equals(written)).toBe(true);
  });

  test('another config in the same folder is refused', () => {
    const args = options('one', '--method', 'scaled-prompt-tuning', '--seed', '8', '--init', 'uniform:0.25');
    expectOneLine(spt(args), /^error: .*one: holds a run with another config: .*seed \(there 7, asked 8\)/);
  });

  test('options come before the config file', () => {
    const file = at('config.json');
    writeFileSync(
      file,
      JSON.stringify({ method: 'prompt-tuning', steps: 9, learningRate: 0.125, seed: [3], devSize: 5 }),
    );
    const result = spt([...options('file'), '--config', file]);
    expect([result.stderr, result.status]).toEqual(['', 0]);
    const { training, seed, context } = readConfig('file');
    expect(training).toMatchObject({ steps: 3, learningRate: 0.125 });
    expect([seed, context]).toMatchObject([3, { devSize: 5 }]);
  });

  test('a loss that is not finite stops it', () => {
    const args = options(
      'nan',
      '--method',
      'prompt-tuning',
      '--optimizer',
      'adamw',
      '--learning-rate',
      '1e38',
    );
    expectOneLine(spt(args), /^error: seed-0: the (loss|norm of the gradient) is (NaN|Infinity) at step \d/);
    expect(existsSync(at('nan', 'adapter.safetensors'))).toBe(false);
  });

  test('Ctrl-C keeps the run, and the same command goes on with it', async () => {
    const args = options('stopped', '--method', 'prompt-tuning', '--seed', '5');
    const long = args.map((word, i) => (args[i - 1] === '--steps' ? '400' : word));
    const stopped = await interrupt(long, () => existsSync(at('stopped', 'metrics.jsonl')));
    expect(stopped.stderr).toMatch(
      /^error: interrupted after step \d+; .*stopped keeps it, the same command goes on\n$/,
    );
    expect([stopped.stdout, stopped.status]).toEqual(['', 1]);
    const step = Number(/step (\d+)/.exec(stopped.stderr)?.[1]);
    expect(step).toBeLessThan(400);
    expect(existsSync(at('stopped', 'adapter.safetensors'))).toBe(false);
    expect(spt(long).status).toBe(0);
    const losses = jsonLines(readFileSync(at('stopped', 'metrics.jsonl'), 'utf8')).filter(
      (m) => 'loss' in (m as object),
    );
    expect(losses.map((metric) => (metric as { step: number }).step)).toEqual(
      Array.from({ length: 400 }, (_, i) => i + 1),
    );
  });

  test('a folder that cannot be written, more shots and a larger dev set than there are', () => {
    writeFileSync(at('file'.concat('.txt')), '');
    const prompt = ['--method', 'prompt-tuning'];
    expectOneLine(
      spt(options(join('file.txt', 'run'), ...prompt)),
      /^error: .*file\.txt.*run: cannot be written: /,
    );
    expectOneLine(
      spt([...options('x', ...prompt), '--shots', '21']),
      /^error: shots: 21 asked for, .* 20 examples/,
    );
    expectOneLine(
      spt(options('x', ...prompt, '--dev-size', '9')),
      /^error: dev-size: 9 asked for, .* 8 examples/,
    );
    expectOneLine(
      spt(options('x', '--method', 'scaled-prompt-tuning', '--scaling', 'wild')),
      /^error: config: scaling: must be one of .*; found "wild"/,
    );
    expect(existsSync(at('x'))).toBe(false);
  });
});

describe('a population, its texts and its scores', () => {
  test('each seed has its folder; evaluation keeps texts and scores with each', () => {
    const trained = spt(options('many', '--method', 'prompt-tuning', '--seed', '0,1'));
    expect([trained.stderr, trained.status]).toEqual(['', 0]);
    expect(trained.stdout.split('\n')).toHaveLength(3);
    expect([readConfig('many', 'seed-0').seed, readConfig('many', 'seed-1').seed]).toEqual([0, 1]);

    const evaluated = spt([
      'evaluate',
      '--run',
      at('many'),
      '--split',
      'test',
      '--max-new-tokens',
      '6',
      '--json',
    ]);
    expect([evaluated.stderr, evaluated.status]).toEqual(['', 0]);
    const scores = JSON.parse(evaluated.stdout) as Record<string, { bleu: { n: number; signature: string } }>;
    expect(Object.keys(scores)).toEqual(['seed-0', 'seed-1']);
    expect(scores['seed-1']?.bleu).toMatchObject({
      n: 6,
      signature: expect.stringContaining('nrefs:1|') as string,
    });
    const kept = JSON.parse(readFileSync(at('many', 'seed-1', 'scores-test.json'), 'utf8')) as object;
    expect(kept).toMatchObject({
      task: 'e2e',
      split: 'test',
      generation: { maxNewTokens: 6, numBeams: 1 },
      scores: scores['seed-1'],
    });

    const single = spt([
      'evaluate',
      '--run',
      at('many', 'seed-1'),
      '--split',
      'test',
      '--max-new-tokens',
      '6',
      '--json',
    ]);
    expect(JSON.parse(single.stdout)).toEqual(scores['seed-1']);
  });

  test('runs that differ train together, each with its own folder, config and scores', () => {
    const file = at('runs.json');
    const runs = [{ length: 3, learningRate: 0.1 }, { scaling: 'scalar', name: 'one-scale' }, { shots: 2 }];
    writeFileSync(file, JSON.stringify({ method: 'scaled-prompt-tuning', seed: 4, runs }));
    const args = [...options('mixed'), '--config', file];
    const trained = spt([...args, '--json']);
    expect([trained.stderr, trained.status]).toEqual(['', 0]);
    const names = ['length-3_learningRate-0.1_seed-4', 'one-scale_seed-4', 'shots-2_seed-4'];
    const document = JSON.parse(trained.stdout) as { runs: { folder: string; steps: number }[] };
    expect(document.runs.map((run) => run.folder)).toEqual(names.map((name) => at('mixed', name)));
    const [short, scalar, fewer] = names.map((name) => readConfig('mixed', name));
    expect(short).toMatchObject({ method: { length: 3 }, training: { learningRate: 0.1 }, seed: 4 });
    expect(scalar).toMatchObject({ method: { length: 5, scaling: 'scalar' }, context: { shots: 4 } });
    expect(fewer).toMatchObject({ method: { length: 5 }, context: { shots: 2 }, train: { examples: 2 } });
    expect(spt([...args, '--json'])).toEqual(trained);

    const scored = spt([
      'evaluate',
      '--run',
      at('mixed'),
      '--split',
      'test',
      '--max-new-tokens',
      '4',
      '--json',
    ]);
    expect([scored.stderr, scored.status]).toEqual(['', 0]);
    expect(Object.keys(JSON.parse(scored.stdout) as object)).toEqual(names);
    writeFileSync(file, JSON.stringify({ method: 'prompt-tuning', runs: { length: [2], task: ['e2e'] } }));
    expectOneLine(spt([...options('y'), '--config', file]), /^error: config: runs: must share task/);
  });

  test('each protocol’s files, exported, score what evaluation kept with the run', () => {
    const run = at('many', 'seed-1');
    const several = at('several');
    mkdirSync(join(several, 'e2e'), { recursive: true });
    writeFileSync(
      join(several, 'e2e', 'testset_w_refs.csv'),
      `mr,ref\n${[0, 0, 1, 2, 2, 2, 2, 2, 3].map((mr, i) => `name[x${mr}],"The Area, no. ${i}."`).join('\n')}\n`,
    );
    const split = ['--run', run, '--split', 'test', '--root', several];
    for (const protocol of ['e2e', 'webnlg', 'dart']) {
      const evaluated = spt([
        ...['evaluate', ...split, '--max-new-tokens', '6', '--json'],
        ...['--protocol', protocol, '--metrics', 'chrf'],
      ]);
      expect([evaluated.stderr, evaluated.status]).toEqual(['', 0]);
      const { chrf, ...scores } = JSON.parse(evaluated.stdout) as Record<
        string,
        { score: number; n: number }
      >;
      expect(chrf?.n).toBe(4);
      const kept = JSON.parse(readFileSync(join(run, 'scores-test.json'), 'utf8')) as object;
      expect(kept).toMatchObject({ protocol, scores });
      const out = at(`files-${protocol}`);
      const exported = spt(['export-outputs', ...split, '--protocol', protocol, '--out', out, '--json']);
      expect([exported.stderr, exported.status]).toEqual(['', 0]);
      const [hypotheses = '', ...references] = (JSON.parse(exported.stdout) as Record<string, string[]>)[
        out
      ] as string[];
      const scored = spt([
        ...['score', '--json', '--protocol', protocol, '--hyp', join(out, hypotheses)],
        ...references.flatMap((name) => ['--ref', join(out, name)]),
      ]);
      const again = JSON.parse(scored.stdout) as Record<string, { score: number; n: number }>;
      expect(Object.keys(again)).toEqual(Object.keys(scores));
      for (const [key, { score, n }] of Object.entries(again))
        expect({ score, n }, key).toEqual({ score: scores[key]?.score, n: 4 });
    }
    expect(readdirSync(at('files-webnlg'))).toHaveLength(1 + 4);
    const clash = spt(['evaluate', ...split, '--protocol', 'dart', '--metrics', 'ter']);
    expectOneLine(clash, /^error: --metrics: ter is a key of --protocol dart/);
  });

  test('outputs that are damaged, or of other examples, are not exported', () => {
    const run = at('many', 'seed-0');
    const file = join(run, 'outputs-test.jsonl');
    const text = readFileSync(file, 'utf8');
    const attempt = (damaged: string): Result => {
      writeFileSync(file, damaged);
      return spt(['export-outputs', '--run', run, '--protocol', 'e2e', '--out', at('damaged')]);
    };
    const [first = '', ...rest] = text.split('\n');
    expectOneLine(attempt([first.slice(0, 9), ...rest].join('\n')), /^error: .*test\.jsonl:1: not JSON: /);
    expectOneLine(
      attempt(['{"id":1}', ...rest].join('\n')),
      /^error: .*test\.jsonl:1: a line must hold an id and a text/,
    );
    expectOneLine(
      attempt([first.replace('e2e-test-0', 'x'), ...rest].join('\n')),
      /^error: .*:1: the test split of e2e has no example x/,
    );
    expectOneLine(
      attempt(rest.join('\n')),
      /^error: .*: must have one line an example; found 5, the test split of e2e has 6/,
    );
    expect(existsSync(at('damaged'))).toBe(false);
    writeFileSync(file, text);
  });

  test('generate gives the texts that evaluation kept, in the order of the input', () => {
    const input = at('items.jsonl');
    writeFileSync(input, spt(['data', 'e2e', '--split', 'test', '--root', folder]).stdout);
    const args = ['generate', '--model', at('model'), '--input', input, '--max-new-tokens', '6'];
    const tuned = spt([...args, '--adapter', at('many', 'seed-0')]);
    expect(tuned.stderr).toBe('');
    expect(tuned.stdout).toBe(readFileSync(at('many', 'seed-0', 'outputs-test.jsonl'), 'utf8'));
    const frozen = jsonLines(spt(args).stdout) as { id: string; ids: number[] }[];
    expect(frozen.map((line) => line.id)).toEqual(Array.from({ length: 6 }, (_, i) => `e2e-test-${i}`));
    expect(frozen.every((line) => line.ids.length > 0 && line.ids.length <= 6)).toBe(true);
    const beams = spt([...args, '--num-beams', '3', '--no-repeat-ngram-size', '1', '--length-penalty', '2']);
    const ids = (jsonLines(beams.stdout) as { ids: number[] }[]).map((line) => line.ids);
    expect(ids.every((one) => new Set(one).size === one.length)).toBe(true);
  });

  test('an unfinished, a damaged and another model’s adapter are refused', async () => {
    const generate = (adapter: string, model = 'model'): Result =>
      spt(['generate', '--model', at(model), '--input', at('items.jsonl'), '--adapter', at(adapter)]);
    expectOneLine(generate('e2e'), /^error: .*e2e: no run: it holds no config\.json/);
    expectOneLine(generate('nan'), /^error: .*nan: the run is not finished/);
    await writeTinyModel(at('wider'), { dFf: 32 });
    expectOneLine(generate('one', 'wider'), /^error: .*one: the run was trained on another model/);
    truncateSync(at('one', 'adapter.safetensors'), 100);
    expectOneLine(generate('one'), /^error: .*adapter\.safetensors/);
  });
});

test('fine-tuning runs one seed after the other', () => {
  const args = options('ft', '--method', 'fine-tuning', '--seed', '0,1').filter(
    (_, i, all) => !isLength(all, i),
  );
  const result = spt(args);
  expect([result.stderr, result.status]).toEqual(['', 0]);
  expect(readConfig('ft', 'seed-1').training).toMatchObject({
    optimizer: { name: 'adamw' },
    learningRate: 5e-4,
  });
  const scored = spt(['evaluate', '--run', at('ft'), '--split', 'dev', '--max-new-tokens', '4']);
  expect([scored.stderr, scored.status]).toEqual(['', 0]);
});

/** Fine-Tuning has no prompt, so `--length 5` goes. */
function isLength(args: readonly string[], i: number): boolean {
  return args[i] === '--length' || args[i - 1] === '--length';
}
