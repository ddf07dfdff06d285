let controller: AbortController | undefined;

function listen(): void {
  process.on('SIGINT', () => {
    controller?.abort();
    controller = new AbortController();
  });
}

/**
 * A signal that Jupyter's interrupt (SIGINT) aborts. The kernel lives on and only lets go of the running cell, so whatever
 * works there must be told to end by itself. Each interrupt aborts the signals given out before it.
 *
 * For notebooks: a process that calls this is no longer ended by Ctrl-C.
 */
export function jupyterInterrupt(): AbortSignal {
  if (controller === undefined) {
    controller = new AbortController();
    // tslab runs the start of a cell with Node's `breakOnSigint`, after which a listener added meanwhile is deaf and SIGINT
    // ends the process; one added later is put aside and back by Node itself.
    setImmediate(listen);
  }
  return controller.signal;
}
