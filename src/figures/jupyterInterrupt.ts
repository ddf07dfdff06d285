let controller: AbortController | undefined;

/**
 * A signal that Jupyter's interrupt (SIGINT) aborts. The kernel lives on and only lets go of the running cell, so whatever
 * works there must be told to end by itself. Each interrupt aborts the signals given out before it.
 *
 * For notebooks: a process that calls this is no longer ended by Ctrl-C.
 */
export function jupyterInterrupt(): AbortSignal {
  if (controller === undefined) {
    process.on('SIGINT', () => {
      controller?.abort();
      controller = new AbortController();
    });
    controller = new AbortController();
  }
  return controller.signal;
}
