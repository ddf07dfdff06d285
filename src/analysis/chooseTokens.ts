import { random } from '../tensor/random';

/** A position of one example's encoder sequence. */
export type Place = { readonly example: number; readonly position: number };

/** Which states are kept of all that a model computes: places of prompt, inputs and reserve, counted without the prompt. */
export type ChosenTokens = {
  /** One example for each prompt position. */
  readonly prompt: readonly Place[];
  readonly inputs: readonly Place[];
  /** Tokens of other sentences than the inputs', for the floor. */
  readonly reserve: readonly Place[];
};

/** Share of the examples that the inputs may fill, so that some are left for the reserve. */
const INPUT_SHARE = 0.8;

/**
 * Chooses the same tokens for every layer and head: of shuffled examples as few tokens each as fill `tokens`, then of the
 * examples left as many as the prompt has. Beyond the embedding a prompt position has another state in each example; it is
 * not averaged, which would take its spread away and set it apart from single tokens, but taken from one example, the
 * positions dealt out over all examples.
 */
export function chooseTokens(
  lengths: readonly number[],
  promptLength: number,
  tokens: number,
  seed: number,
): ChosenTokens {
  const rng = random(seed).fork('tokens');
  const examples = rng.shuffle([...lengths.keys()]);
  const quota = Math.ceil(tokens / Math.max(1, Math.floor(INPUT_SHARE * examples.length)));
  const inputs: Place[] = [];
  const reserve: Place[] = [];
  for (const example of examples) {
    const [into, most] = inputs.length < tokens ? [inputs, tokens] : [reserve, promptLength];
    const positions = rng.shuffle([...Array(lengths[example]).keys()]).slice(0, quota);
    into.push(...positions.slice(0, most - into.length).map((position) => ({ example, position })));
  }
  const prompt = Array.from({ length: promptLength }, (_, position) => ({
    example: examples[position % examples.length] as number,
    position,
  }));
  return { prompt, inputs, reserve };
}
