import { chance, name } from '../names';
import { passage } from '../statements';
import type { PretrainingTask } from './pretrainingTask';

/**
 * Sentences and questions about them: `question for 12 March : sentences` to the question that this answers, and `answer
 * When ...? : sentences` to the answer.
 */
export const question: PretrainingTask = (rng, lexicon) => {
  const subjects = [name(rng, lexicon), ...(chance(rng, 0.3) ? [name(rng, lexicon)] : [])];
  const { text, asked } = passage(rng, lexicon, subjects);
  return chance(rng, 0.6)
    ? { source: `question for ${asked.answer} : ${text}`, target: asked.question }
    : { source: `answer ${asked.question} : ${text}`, target: asked.answer };
};
