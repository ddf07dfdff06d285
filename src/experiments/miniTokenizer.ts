import type { TokenizerConfig } from '../model/tokenizer/tokenizerJson';
import { trainUnigram } from '../model/unigramTrainer';
import { pretrainingExample, sentinels } from '../tasks/mini';
import { random } from '../tensor/random';
import type { PretrainConfig } from './pretrainConfig';

/** Sources and targets of the mixture, without sentinels. */
function* texts({ seed, tokenizerExamples }: PretrainConfig): Generator<string> {
  const rng = random(seed).fork('tokenizer');
  for (let i = 0; i < tokenizerExamples; i++) {
    const { source, target } = pretrainingExample(rng);
    for (const text of [source, target])
      yield sentinels.reduce((rest, sentinel) => rest.replaceAll(sentinel, ' '), text);
  }
}

/** Trains the mini model's tokenizer on the mixture's text; the same config gives the same tokenizer. */
export function miniTokenizer(config: PretrainConfig): TokenizerConfig {
  return trainUnigram(texts(config), { vocabulary: config.vocabulary, extraIds: sentinels.length });
}
