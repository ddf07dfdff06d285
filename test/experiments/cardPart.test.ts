import { describe, expect, it } from 'vitest';
import { withCardPart } from '../../src/experiments/cardPart';

describe('withCardPart', () => {
  it('adds a part, then rewrites it alone', () => {
    const first = withCardPart('# Card\n\nText.\n', 'gates', 'one\n');
    expect(first).toBe('# Card\n\nText.\n\n<!-- gates -->\n\none\n\n<!-- end of gates -->\n');
    const both = withCardPart(first, 'search', 'two');
    const again = withCardPart(both, 'gates', 'three $& $1');
    expect(again).toBe(both.replace('one', () => 'three $& $1'));
    expect(withCardPart(again, 'search', 'two')).toBe(again);
  });

  it('starts a card', () => {
    expect(withCardPart('', 'gates', 'one')).toBe('<!-- gates -->\n\none\n\n<!-- end of gates -->\n');
  });
});
