/** How often each n-gram occurs, for n = 1 to `order`; words hold no spaces, so a space joins them without confusion. */
export function countNgrams(words: readonly string[], order: number): Map<string, number>[] {
  const counts = Array.from({ length: order }, () => new Map<string, number>());
  for (let start = 0; start < words.length; start++) {
    let ngram = '';
    for (let n = 0; n < order && start + n < words.length; n++) {
      ngram = n === 0 ? (words[start] as string) : `${ngram} ${words[start + n]}`;
      const ofOrder = counts[n] as Map<string, number>;
      ofOrder.set(ngram, (ofOrder.get(ngram) ?? 0) + 1);
    }
  }
  return counts;
}
