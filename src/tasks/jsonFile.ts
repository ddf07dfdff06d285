import { parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { DataError } from '../errors';
import { readTextBytes } from './textFile';

/** Where and why a text is no JSON: the parser of Node names no line. */
function firstError(text: string): { readonly line: number; readonly why: string } {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const [first] = errors;
  const why = first === undefined ? 'unknown' : printParseErrorCode(first.error);
  return {
    line: text.slice(0, first?.offset).split('\n').length,
    why: why.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase(),
  };
}

/** The value of a JSON text that starts on a line of a file. Throws DataError `file:line: not JSON ...`. */
export function parseJson(text: string, file: string, startLine = 1): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const { line, why } = firstError(text);
    throw new DataError(`${file}:${startLine + line - 1}: not JSON: ${why}`, { cause });
  }
}

/** The value of a JSON file, unzipped where its name ends in `.gz`. */
export function readJson(file: string): unknown {
  return parseJson(new TextDecoder().decode(readTextBytes(file)), file);
}
