import { InvalidArgumentError } from 'commander';

/** Parses a whole number of at least `least`. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    return value;
  };
}

/** Parses a finite number. */
export function finite(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Parses a number above 0. */
export function positive(text: string): number {
  const value = finite(text);
  if (value <= 0) throw new InvalidArgumentError('It must be above 0.');
  return value;
}

/** Parses items separated by commas. */
export function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('It must be items separated by commas.');
  return items;
}

/** Parses seeds separated by commas, each once. */
export function seeds(text: string): number[] {
  const values = list(text).map(whole(0));
  if (new Set(values).size < values.length) throw new InvalidArgumentError('Each seed may stand once.');
  return values;
}
