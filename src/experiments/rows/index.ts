import { frozenRow, type FrozenSpec } from './frozenRow';
import type { RowKind } from './rowKind';
import { skillRow, type SkillSpec } from './skillRow';
import { stepTimeRow, type StepTimeSpec } from './stepTimeRow';
import { tunedRow, type TunedSpec } from './tunedRow';

/** What an experiment asks for in one row: plain data. */
export type RowSpec = { readonly name: string } & (FrozenSpec | SkillSpec | TunedSpec | StepTimeSpec);

const kinds = { frozen: frozenRow, skill: skillRow, tuned: tunedRow, stepTime: stepTimeRow } as const;

/** The kind of a row. */
export function rowKind(spec: RowSpec): RowKind<RowSpec> {
  return kinds[spec.kind] as unknown as RowKind<RowSpec>;
}
