/** How texts of the mini sets are decoded: greedily, with room beyond the longest references, which have about 100 tokens. */
export const miniGeneration = { maxNewTokens: 128 } as const;
