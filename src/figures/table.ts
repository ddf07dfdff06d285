import { display } from './display';
import { escapeHtml } from './escapeHtml';

/** What a table needs of a danfojs data frame. */
export type Frame = { readonly columns: readonly string[]; readonly values: unknown };

export type TableOptions = {
  readonly caption?: string;
  /** Digits of numbers that are no integers. */
  readonly digits?: number;
  /** Rows shown; the others are counted below. */
  readonly rows?: number;
};

function cellText(value: unknown, digits: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(digits);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * A data frame as an HTML table; text from data shows as it is, whatever it holds. Numbers stand right, missing values
 * are dashes.
 */
export function table(frame: Frame, { caption, digits = 2, rows = 20 }: TableOptions = {}): string {
  const all = frame.values as readonly (readonly unknown[])[];
  const isNumber = frame.columns.map((_, column) => {
    const present = all.map((row) => row[column]).filter((value) => value !== null && value !== undefined);
    return present.length > 0 && present.every((value) => typeof value === 'number');
  });
  const cell = (tag: string, text: string, column: number): string =>
    `<${tag} style="text-align:${isNumber[column] === true ? 'right' : 'left'}">${escapeHtml(text)}</${tag}>`;
  const line = (cells: readonly string[]): string => `<tr>${cells.join('')}</tr>`;
  const head = line(frame.columns.map((name, column) => cell('th', name, column)));
  const body = all
    .slice(0, rows)
    .map((row) => line(row.map((value, column) => cell('td', cellText(value, digits), column))));
  const rest = all.length - body.length;
  const more =
    rest > 0 ? `<tfoot><tr><td colspan="${frame.columns.length}">… ${rest} more</td></tr></tfoot>` : '';
  const title = caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`;
  return `<table>${title}<thead>${head}</thead><tbody>${body.join('')}</tbody>${more}</table>`;
}

/** Shows a data frame as a table under a cell; outside of Jupyter, as tab-separated lines on stdout. */
export function showTable(frame: Frame, options: TableOptions = {}): void {
  const all = frame.values as readonly (readonly unknown[])[];
  const lines = [frame.columns, ...all].map((row) =>
    row.map((value) => cellText(value, options.digits ?? 2)).join('\t'),
  );
  display({ 'text/plain': lines.join('\n'), 'text/html': table(frame, options) });
}
