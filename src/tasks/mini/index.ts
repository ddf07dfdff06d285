export {
  defaultMixture,
  pretrainingExample,
  warmUpMixture,
  type Mixture,
  type PretrainingExample,
} from './mixture';
export { name, seenLexicon, unseenLexicon, type Lexicon } from './names';
export { pretrainingTaskNames, type PretrainingTaskName } from './pretraining';
export type { Pair } from './pretraining/pretrainingTask';
export { sentinels } from './pretraining/span';
export { probes, probeTasks, type ProbeTask } from './probes';
export { miniSeed, miniSets, writeMini } from './writeMini';
