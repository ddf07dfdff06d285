/** A signal that the first Ctrl-C (or SIGTERM) aborts, so that work can be put away; a second one ends the process. */
export function interruptSignal(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', abort).off('SIGTERM', abort);
    },
  };
}
