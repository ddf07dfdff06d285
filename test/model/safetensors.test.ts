import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheckpointError } from '../../src/errors';
import { writeFailure } from '../../src/model/atomicFile';
import { openSafetensors, readSafetensors, writeSafetensors } from '../../src/model/safetensors';
import { tf, useBackend } from '../../src/tensor/backend';

const fixture = 'test/fixtures/t5/dtypes.safetensors';
let folder: string;

beforeAll(async () => {
  await useBackend('tensorflow');
  folder = mkdtempSync(path.join(tmpdir(), 'spt-safetensors-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function source(
  shape: readonly number[],
  values: ArrayLike<number>,
): {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
} {
  return { shape, data: () => Promise.resolve(values) };
}

/** A file with the given header and `dataBytes` zeros behind it. */
function file(name: string, header: unknown, dataBytes: number): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const target = path.join(folder, name);
  writeFileSync(target, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  return target;
}

async function messageOf(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return (error as Error).message.replace(`${folder}/`, '');
}

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

describe('reading', () => {
  it.each(['F16', 'BF16'])('widens %s as PyTorch does, bit for bit', async (dtype) => {
    const opened = await openSafetensors(fixture);
    const widened = await opened.read(dtype);
    expect(widened.length).toBeGreaterThan(100);
    expect(bytesOf(widened)).toEqual(bytesOf(await opened.read(`${dtype}.widened`)));
    expect(await opened.read(`${dtype}.nan`)).toEqual(Float32Array.of(NaN));
    await opened.close();
  });

  it('rounds F64, reads scalars, empty tensors and metadata', async () => {
    const opened = await openSafetensors(fixture);
    expect(await opened.read('F64')).toEqual(await opened.read('F64.narrowed'));
    expect(opened.entries.get('scalar')?.shape).toEqual([]);
    expect(await opened.read('scalar')).toEqual(Float32Array.of(2.5));
    expect(await opened.read('empty')).toHaveLength(0);
    expect(opened.metadata).toEqual({ format: 'pt', note: 'Größe ü' });
    expect(await messageOf(opened.read('I64'))).toBe(
      `${fixture}: tensor I64 must be F32, F16, BF16 or F64; found I64`,
    );
    await opened.close();
  });

  it('refuses damaged files, naming file and tensor', async () => {
    const entry = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };
    const cases: readonly (readonly [string, string])[] = [
      [
        path.join(folder, 'absent'),
        `absent: cannot be opened: ENOENT: no such file or directory, open 'absent'`,
      ],
      [file('a', { w: entry }, 20), 'a: truncated: tensor w ends at byte 24 of the data, the file has 20'],
      [file('b', { w: entry }, 28), 'b: corrupt: the header describes 24 bytes of data, the file has 28'],
      [file('c', { w: { ...entry, dtype: 'Q4' } }, 24), 'c: tensor w: unknown dtype "Q4"'],
      [
        file('d', { w: { ...entry, shape: [2, 2] } }, 24),
        'd: tensor w: F32 of shape [2, 2] takes 16 bytes; data_offsets [0, 24] hold 24',
      ],
      [
        file('e', { w: entry, v: { ...entry, data_offsets: [12, 36] } }, 36),
        'e: corrupt: tensor v must begin at byte 24 of the data; found 12',
      ],
      [
        file('f', { w: { ...entry, data_offsets: [8, 32] } }, 32),
        'f: corrupt: tensor w must begin at byte 0 of the data; found 8',
      ],
      [
        file('g', { w: { ...entry, shape: [-2, -3] } }, 24),
        'g: tensor w: shape must list sizes; found [-2,-3]',
      ],
      [file('h', { w: 3 }, 24), 'h: tensor w: unknown dtype undefined'],
      [file('i', '{"w": ', 24), 'i: corrupt: its header is not JSON'],
      [file('j', '[]', 0), 'j: corrupt: its header is not a JSON object'],
      [file('k', { __metadata__: { step: 3 } }, 0), 'k: corrupt: __metadata__ must map names to texts'],
    ];
    for (const [name, message] of cases)
      expect((await messageOf(openSafetensors(name))).replace(`${folder}/`, '')).toBe(message);
  });

  it('refuses what is no safetensors file at all', async () => {
    const write = (name: string, bytes: Uint8Array): string => {
      writeFileSync(path.join(folder, name), bytes);
      return path.join(folder, name);
    };
    const header = readFileSync(fixture).subarray(0, 200);
    expect(await messageOf(openSafetensors(write('l', header)))).toMatch(
      /^l: truncated: the header needs \d+ bytes, the file has 200$/,
    );
    expect(await messageOf(openSafetensors(write('m', new Uint8Array(5))))).toBe(
      "m: truncated: 5 bytes, a header's length alone takes 8",
    );
    expect(await messageOf(openSafetensors(write('n', Buffer.from('PK\x03\x04 a zip, say'))))).toMatch(
      /^n: no safetensors file: its header would be \d+ bytes long/,
    );
  });
});

describe('writing', () => {
  it.each(['F16', 'BF16'] as const)('rounds to %s as PyTorch does, bit for bit', async (dtype) => {
    const opened = await openSafetensors(fixture);
    const values = await opened.read(`${dtype}.source`);
    const target = path.join(folder, dtype);
    await writeSafetensors(target, { [dtype]: source([values.length], values) }, { dtype });
    const written = await openSafetensors(target);
    const bytes = async (of: typeof opened): Promise<Uint8Array> =>
      Uint8Array.from((await of.pieces(dtype).next()).value as Uint8Array);
    expect(await bytes(written)).toEqual(await bytes(opened));
    await opened.close();
    await written.close();
  });

  it('keeps NaN, and refuses what a dtype cannot hold', async () => {
    const target = path.join(folder, 'range');
    for (const dtype of ['F16', 'BF16'] as const) {
      await writeSafetensors(target, { w: source([1], [NaN]) }, { dtype });
      expect((await readSafetensors(target)).tensors.get('w')?.values).toEqual(Float32Array.of(NaN));
    }
    expect(await messageOf(writeSafetensors(target, { w: source([2], [1, 65520]) }, { dtype: 'F16' }))).toBe(
      'range: tensor w: 65520 is beyond the range of F16',
    );
    expect(existsSync(`${target}.partial`)).toBe(false);
    expect((await readSafetensors(target)).tensors.get('w')?.values).toEqual(Float32Array.of(NaN));
  });

  it('writes backend tensors and metadata, larger than one piece', async () => {
    const target = path.join(folder, 'large');
    const values = Float32Array.from({ length: 1100 * 1000 }, (_, i) => Math.sin(i));
    const tensors = {
      large: tf.tensor2d(values, [1100, 1000]),
      'a.b': tf.tensor1d([1, 2, 3]),
      s: tf.scalar(4),
    };
    await writeSafetensors(target, tensors, { metadata: { step: '12' } });
    tf.dispose(tensors);
    const { tensors: read, metadata } = await readSafetensors(target);
    expect(metadata).toEqual({ step: '12' });
    expect(read.get('large')?.shape).toEqual([1100, 1000]);
    expect(Buffer.compare(bytesOf(read.get('large')?.values as Float32Array), bytesOf(values))).toBe(0);
    expect(read.get('a.b')).toEqual({ shape: [3], values: Float32Array.of(1, 2, 3) });
    expect(read.get('s')).toEqual({ shape: [], values: Float32Array.of(4) });
    // The data starts at a multiple of 8 bytes.
    expect(readFileSync(target).readBigUInt64LE(0) % 8n).toBe(0n);
  });

  it('says what the file system refuses, and leaves nothing', async () => {
    const tensors = { w: source([2], [1, 2]) };
    const absent = path.join(folder, 'no', 'such', 'file');
    expect(await messageOf(writeSafetensors(absent, tensors))).toBe(
      'no/such/file: cannot be written: the folder does not exist',
    );
    mkdirSync(path.join(folder, 'taken'));
    expect(await messageOf(writeSafetensors(path.join(folder, 'taken'), tensors))).toBe(
      'taken: cannot be written: a folder has this name',
    );
    expect(existsSync(path.join(folder, 'taken.partial'))).toBe(false);
    for (const code of ['EACCES', 'EPERM'])
      expect(writeFailure(Object.assign(new Error('x'), { code }))).toBe('the folder is not writable');
  });

  it.runIf(existsSync('/dev/full'))('says that the disk is full, and keeps the old file', async () => {
    const target = path.join(folder, 'full');
    await writeSafetensors(target, { w: source([1], [7]) });
    symlinkSync('/dev/full', `${target}.partial`);
    expect(await messageOf(writeSafetensors(target, { w: source([1], [8]) }))).toBe(
      'full: cannot be written: no space is left on the disk',
    );
    expect(existsSync(`${target}.partial`)).toBe(false);
    expect((await readSafetensors(target)).tensors.get('w')?.values).toEqual(Float32Array.of(7));
  });

  it('refuses a source that does not fill its shape', async () => {
    const target = path.join(folder, 'short');
    expect(await messageOf(writeSafetensors(target, { w: source([2, 2], [1, 2, 3]) }))).toBe(
      'short: tensor w of shape [2, 2] must have 4 numbers; found 3',
    );
    expect(existsSync(target)).toBe(false);
  });
});
