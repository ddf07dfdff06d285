import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { display } from '../../src/figures/display';
import { jupyterInterrupt } from '../../src/figures/jupyterInterrupt';
import { trainingProgress } from '../../src/figures/trainingProgress';
import type { TrainEvent } from '../../src/training/trainer';

type Message = {
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: unknown;
  readonly transient: { readonly display_id: string };
};

/** Puts a kernel into this process's loaded modules, as tslab is when it runs a cell. */
const require = createRequire(__filename);
const file = require.resolve('tslab/dist/jupyter.js');
const before = require.cache[file];
let messages: [Message, boolean][];
beforeEach(() => {
  messages = [];
  const lastWriteDisplayData = (message: Message, update: boolean): unknown =>
    messages.push([message, update]);
  require.cache[file] = { exports: { lastWriteDisplayData } } as NodeJS.Module;
});
afterEach(() => {
  if (before === undefined) Reflect.deleteProperty(require.cache, file);
  else require.cache[file] = before;
  vi.restoreAllMocks();
});

/** What Jupyter's interrupt does, without sending this process a signal that its test runner would take as well. */
function interrupt(): void {
  const known = process.listeners('SIGINT').filter((listener) => listener.toString().includes('controller'));
  expect(known).toHaveLength(1);
  known[0]?.('SIGINT');
}

const event = (step: number, what: Partial<TrainEvent> = {}): TrainEvent =>
  ({
    kind: 'step',
    step,
    steps: 4,
    names: ['seed-7', 'seed-8'],
    seeds: [7, 8],
    losses: [3, 1],
    learningRates: [1, 1],
    ...what,
  }) as TrainEvent;

describe('trainingProgress', () => {
  it('updates one display in place and ends with the last losses', () => {
    const { onProgress } = trainingProgress('SPT <1>');
    onProgress(event(0, { kind: 'start' }));
    for (let step = 1; step <= 4; step++)
      onProgress(event(step, { losses: [3 / step, 1 / step] } as Partial<TrainEvent>));
    onProgress(event(4, { kind: 'evaluation', devLosses: [0.5, 0.25] } as Partial<TrainEvent>));
    expect(new Set(messages.map(([message]) => message.transient.display_id)).size).toBe(1);
    expect(messages.map(([, update]) => update)).toEqual([false, ...messages.slice(1).map(() => true)]);
    const last = messages.at(-1)?.[0].data as Message['data'];
    expect(last['text/plain']).toMatch(
      /^SPT <1>, 2 runs: step 4 of 4, done after 0 s; training loss 0\.750 \(seed-7\), 0\.250 \(seed-8\); dev loss 0\.500 \(seed-7\), 0\.250 \(seed-8\)$/,
    );
    expect(last['text/html']).toContain('<b>SPT &lt;1&gt;</b>');
    expect(last['text/html']).toContain('<progress value="4" max="4"');
    // Four losses, from the first step at the left to the last at the right.
    expect(last['text/html']).toMatch(/points="0\.0,2\.0 \S+ \S+ 240\.0,34\.0"/);
  });

  it('does not flood the notebook', () => {
    const { onProgress } = trainingProgress('PT');
    onProgress(event(0, { kind: 'start' }));
    for (let i = 0; i < 1000; i++) onProgress(event(1));
    expect(messages.length).toBeLessThan(20);
  });

  it('goes on where a resumed training begins', () => {
    const { onProgress } = trainingProgress('PT');
    onProgress(event(2, { kind: 'start' }));
    expect(messages[0]?.[0].data['text/plain']).toContain('step 2 of 4, goes on');
  });

  it('starts anew with each group of a population', () => {
    const { onProgress } = trainingProgress('PT');
    onProgress(event(0, { kind: 'start' }));
    onProgress(event(4));
    onProgress(event(0, { kind: 'start', names: ['longer'] }));
    expect(messages.at(-1)?.[0].data['text/plain']).toBe('PT, 1 run: step 0 of 4, starts; ');
  });

  it("ends by Jupyter's interrupt, and a later training does not", async () => {
    const first = trainingProgress('PT');
    await setImmediate();
    first.onProgress(event(0, { kind: 'start' }));
    expect(first.signal.aborted).toBe(false);
    interrupt();
    expect(first.signal.aborted).toBe(true);
    first.onProgress(event(1, { kind: 'checkpoint' }));
    expect(messages.at(-1)?.[0].data['text/plain']).toContain('step 1 of 4, stopped after');
    expect(trainingProgress('SPT').signal.aborted).toBe(false);
  });

  it('listens once, however many trainings there are', async () => {
    const listeners = process.listenerCount('SIGINT');
    for (let i = 0; i < 5; i++) jupyterInterrupt();
    await setImmediate();
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });
});

describe('display', () => {
  it('gives all forms at once', () => {
    display({ 'text/plain': 'text', 'image/svg+xml': '<svg/>' });
    expect(messages[0]?.[0]).toMatchObject({
      data: { 'text/plain': 'text', 'image/svg+xml': '<svg/>' },
      metadata: {},
    });
  });

  it('prints the text where there is no kernel', () => {
    Reflect.deleteProperty(require.cache, file);
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    display({ 'text/plain': 'only text', 'text/html': '<b>rich</b>' });
    expect(lines).toEqual(['only text\n']);
    expect(messages).toEqual([]);
  });
});
