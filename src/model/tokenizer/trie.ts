/** Pieces as a tree over UTF-16 code units, walked one unit at a time from node 0. */
export type Trie = {
  /** The child of a node, or -1 where no piece goes on with this unit. */
  step(node: number, unit: number): number;
  /** Index of the piece that ends at a node, or -1. */
  pieceAt(node: number): number;
};

/** Builds the tree in time linear in the pieces' total length; of equal pieces the last one's index is kept. */
export function createTrie(pieces: readonly string[]): Trie {
  const mostNodes = 1 + pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bits = Math.max(4, Math.ceil(Math.log2(mostNodes * 2)));
  const mask = 2 ** bits - 1;
  // One open-addressing table for all edges: an edge's key is its node and unit, which fit a double exactly.
  const keys = new Float64Array(2 ** bits).fill(-1);
  const children = new Int32Array(2 ** bits);
  const ends = new Int32Array(mostNodes).fill(-1);

  const slotOf = (node: number, unit: number): number => {
    const key = node * 65536 + unit;
    let slot = (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) >>> (32 - bits);
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  };

  let nodes = 1;
  pieces.forEach((piece, index) => {
    let node = 0;
    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i);
      const slot = slotOf(node, unit);
      if (keys[slot] === -1) {
        keys[slot] = node * 65536 + unit;
        children[slot] = nodes++;
      }
      node = children[slot] as number;
    }
    ends[node] = index;
  });

  return {
    step: (node, unit) => {
      const slot = slotOf(node, unit);
      return keys[slot] === -1 ? -1 : (children[slot] as number);
    },
    pieceAt: (node) => ends[node] as number,
  };
}
