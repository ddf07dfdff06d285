import { basename, join } from 'node:path';
import { ConfigError } from '../errors';
import type { T5 } from '../model/t5';
import { readTask } from '../tasks';
import type { Example } from '../tasks/task';
import { runContext, type StoredRun } from './evaluateRuns';
import { type GapPart, gapOfRun, type RunGap } from './gapOfRun';
import type { GapRecord, GapSet, HeadRecord, InterventionRecord, TrajectoryRecord } from './gapRecords';
import { adapterDigest, keptPiece } from './keptPiece';

/** How much is measured. */
export type GapStudyPlan = {
  readonly name: string;
  /** Dev examples whose tokens are compared, and how many tokens. */
  readonly sentences: number;
  readonly tokens: number;
  readonly permutations: number;
  /** Runs of so many seeds of each task and method, the first ones, are looked at ... after every layer, */
  readonly layerSeeds: number;
  /** in every head, */
  readonly headSeeds: number;
  /** and under interventions, on so many dev examples. */
  readonly interventionSeeds: number;
  readonly interventionExamples: number;
};

export const gapStudyPlans = {
  /** For the minutes that a notebook may take. */
  quick: {
    name: 'quick',
    sentences: 100,
    tokens: 300,
    permutations: 199,
    layerSeeds: 2,
    headSeeds: 1,
    interventionSeeds: 1,
    interventionExamples: 30,
  },
  /** Every run and every layer: under half an hour on two cores. */
  full: {
    name: 'full',
    sentences: 100,
    tokens: 500,
    permutations: 499,
    layerSeeds: 5,
    headSeeds: 5,
    interventionSeeds: 2,
    interventionExamples: 50,
  },
} as const satisfies Readonly<Record<string, GapStudyPlan>>;

/** The plan that the variable SPT_STUDY names (`quick` where it is not set). Throws ConfigError for another name. */
export function gapStudyPlan(name: string = process.env['SPT_STUDY'] ?? 'quick'): GapStudyPlan {
  if (name !== 'quick' && name !== 'full')
    throw new ConfigError(`SPT_STUDY: must be ${Object.keys(gapStudyPlans).join(' or ')}; found '${name}'`);
  return gapStudyPlans[name];
}
