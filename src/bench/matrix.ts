import { type T5Config, t5v10 } from '../model/config';
import type { BenchMethod } from './task';

/** What one row of the table measures. */
export type Measure =
  | {
      readonly kind: 'train' | 'memory';
      readonly method: BenchMethod;
      readonly batch: number;
      /** Runs of a population; PyTorch trains them one after the other. */
      readonly runs: number;
    }
  | { readonly kind: 'generate'; readonly numBeams: 1 | 4 }
  | {
      readonly kind: 'score';
      readonly items: number;
      readonly references: number;
      /** Items that sacrebleu's TER is run on: all would take it minutes, so its time is at least what is measured. */
      readonly terItems: number;
    };

export type BenchRow = {
  readonly measure: Measure;
  /** The largest ratio of ours to the peer's that is aimed at; null where none is set. */
  readonly goal: number | null;
};

/** The measurements of one model. */
export type BenchModel = {
  readonly name: string;
  /** The shape of a model with random weights; null is a model that exists. */
  readonly shape: T5Config | null;
  readonly rows: readonly BenchRow[];
};

/** T5 v1.0 of a size. */
function t5Shape(size: Pick<T5Config, 'dModel' | 'dFf' | 'numHeads'>, layers: number): T5Config {
  return {
    ...t5v10,
    ...size,
    vocabulary: 32128,
    dKv: 64,
    numEncoderLayers: layers,
    numDecoderLayers: layers,
  };
}

const prompts = ['prompt-tuning', 'scaled-prompt-tuning'] as const;
const weights = ['lora', 'fine-tuning'] as const;

function training(list: readonly BenchMethod[], batch: number, goal: number | null, runs = 1): BenchRow[] {
  return list.map((method) => ({ measure: { kind: 'train', method, batch, runs }, goal }));
}

function memory(list: readonly BenchMethod[], batch: number, runs = 1): BenchRow[] {
  return list.map((method) => ({ measure: { kind: 'memory', method, batch, runs }, goal: 1 }));
}

const generation: readonly BenchRow[] = [
  { measure: { kind: 'generate', numBeams: 1 }, goal: 1 },
  { measure: { kind: 'generate', numBeams: 4 }, goal: 1 },
];

/** Of texts and of no model; it stands with mini's rows. */
const scoring: BenchRow = {
  measure: { kind: 'score', items: 5000, references: 3, terItems: 500 },
  goal: 1,
};

/** Everything that is measured; a step of a run in a population of 8 should cost at most half of one in PyTorch. */
export function benchMatrix(full: boolean): readonly BenchModel[] {
  const also = (rows: readonly BenchRow[]): readonly BenchRow[] => (full ? rows : []);
  return [
    {
      name: 'mini',
      shape: null,
      rows: [
        ...training(prompts, 8, 1),
        ...training(prompts, 32, 1),
        ...training(weights, 8, null),
        ...training(['prompt-tuning'], 8, 0.5, 8),
        ...generation,
        ...memory(['prompt-tuning'], 8),
        scoring,
        ...also([
          ...training(weights, 32, null),
          ...training(['scaled-prompt-tuning', 'lora'], 8, null, 8),
          ...training([...prompts, 'lora'], 8, null, 32),
          ...memory(['scaled-prompt-tuning', ...weights], 8),
          ...memory(['prompt-tuning'], 32),
          ...memory(['prompt-tuning'], 8, 8),
        ]),
      ],
    },
    {
      name: 't5-small',
      shape: t5Shape({ dModel: 512, dFf: 2048, numHeads: 8 }, 6),
      rows: [
        ...training(prompts, 8, 1),
        ...training(prompts, 32, 1),
        ...generation,
        ...memory(['prompt-tuning'], 8),
        ...also([
          ...training(weights, 8, null),
          ...training(['prompt-tuning'], 8, null, 8),
          ...memory(['scaled-prompt-tuning', ...weights], 8),
        ]),
      ],
    },
    {
      name: 't5-base',
      shape: t5Shape({ dModel: 768, dFf: 3072, numHeads: 12 }, 12),
      rows: [
        ...training(prompts, 8, 1),
        ...memory(['prompt-tuning'], 8),
        ...also([...training(prompts, 32, null), ...training(['lora'], 8, null), ...generation]),
      ],
    },
  ];
}

/** A row's name, e.g. `train prompt-tuning mini batch 8 population 8`. */
export function rowName(model: string, measure: Measure): string {
  if (measure.kind === 'score')
    return `score e2e ${measure.items} x ${measure.references} (peer: TER of ${measure.terItems})`;
  if (measure.kind === 'generate')
    return `generate ${model} ${measure.numBeams === 1 ? 'greedy' : `${measure.numBeams} beams`}`;
  const { kind, method, batch, runs } = measure;
  return `${kind} ${method} ${model} batch ${batch}${runs === 1 ? '' : ` population ${runs}`}`;
}
