import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadTokenizer } from '../model/tokenizer';
import { printItems } from './print';
import { readLines, stdin } from './readLines';

type Options = { readonly tokenizer: string; readonly json?: boolean };

/** `spt tokenize`: the ids of each line of standard input, and the text they decode to. */
export function tokenize(command: Command): void {
  command
    .requiredOption('--tokenizer <FILE>', 'tokenizer.json, or a folder that holds one')
    .action(async (options: Options) => {
      const given = options.tokenizer;
      const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() === true;
      const tokenizer = await loadTokenizer(isFolder ? join(given, 'tokenizer.json') : given);
      const encoded = readLines(stdin).map((line) => tokenizer.encode(line));
      printItems(
        encoded.map((ids) => ({ ids, text: tokenizer.decode(ids) })),
        options,
      );
    });
}
