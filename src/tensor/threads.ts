/**
 * Multiplications of one product below which TensorFlow's threads wait for one another longer than they save: on two cores, mini
 * generates twice as fast by one thread, and trains as fast by one or two at about this size.
 */
const worthThreads = 80_000_000;

/** How many of the threads that may be used are of use to passes whose larger products have so many multiplications. */
export function usefulThreads(multiplications: number, threads: number): number {
  return multiplications < worthThreads ? 1 : threads;
}
