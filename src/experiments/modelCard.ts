import type { T5 } from '../model/t5';
import { defaultMixture, pretrainingTaskNames, probeTasks } from '../tasks/mini';
import { markdownTable } from './markdownTable';
import type { PretrainConfig } from './pretrainConfig';
import type { PretrainEvaluation } from './pretrainLog';
import type { Skills } from './skills';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The model's card in Markdown: what it is, how it was made, and what it was measured to do. */
export function modelCard(
  config: PretrainConfig,
  model: T5,
  evaluations: readonly PretrainEvaluation[],
  skills: Skills,
): string {
  const parameters = [...model.weights.values()].reduce((sum, tensor) => sum + tensor.size, 0);
  const last = evaluations.at(-1);
  const minutes = Math.round((last?.seconds ?? 0) / 60);
  return `# The mini model

A T5 v1.0 of ${parameters.toLocaleString('en-GB')} parameters, pretrained from nothing by this project on text of its own seeded generator
(\`src/tasks/mini\`). It stands in for a large pretrained T5 where there is no GPU: numbers measured on it are numbers about it.
Licence: Apache-2.0, as the project. No outside text or weights went into it.

- Shape: dModel ${config.dModel}, ${config.numEncoderLayers} + ${config.numDecoderLayers} layers, ${config.numHeads} heads of ${config.dKv}, dFf ${config.dFf}, ReLU, tied; weights in BF16
- Tokenizer: Unigram, ${model.config.vocabulary.toLocaleString('en-GB')} ids, trained on the same text
- Made by: \`npm run -s spt -- pretrain\`, seed ${config.seed}; ${config.steps.toLocaleString('en-GB')} steps of ${config.batch} examples in ${minutes} minutes, the first
  ${config.copySteps.toLocaleString('en-GB')} mostly copying; AdamW (0.9, 0.98, weight decay 0.01), learning rate ${config.learningRate}, cosine to 5 %,
  ${config.warmupSteps} steps of warm-up, gradients clipped at 1
- Mixture in percent: ${pretrainingTaskNames.map((task) => `${task} ${defaultMixture[task] ?? 0}`).join(', ')}

Held-out examples of pretraining after the last step, the decoder reading the true target:

${markdownTable(
  ['task', 'loss of a token', 'tokens right'],
  pretrainingTaskNames.map((task) => {
    const found = last?.tasks[task];
    return found === undefined ? [task, '', ''] : [task, found.loss.toFixed(3), percent(found.accuracy)];
  }),
)}

Whole answers exactly right by greedy search, 100 examples each, with words of pretraining and with words and names that
it never saw; copying of unseen names alone (200 examples): ${percent(skills.copyUnseenNames)}.

${markdownTable(
  ['skill', 'seen words', 'unseen words'],
  probeTasks.map((task) => [task, percent(skills.probes[task].seen), percent(skills.probes[task].unseen)]),
)}
`;
}
