/** Prints one JSON document: on one line where a program reads it, else indented. */
export function printDocument(document: unknown, { json }: { readonly json?: boolean | undefined }): void {
  process.stdout.write(`${JSON.stringify(document, null, json === true ? 0 : 2)}\n`);
}

/** Prints items as JSON Lines, or with `--json` as one array. */
export function printItems(
  items: readonly unknown[],
  { json }: { readonly json?: boolean | undefined },
): void {
  if (json === true) printDocument(items, { json });
  else process.stdout.write(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
}
