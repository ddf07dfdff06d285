import { open, type FileHandle } from 'node:fs/promises';
import { CheckpointError } from '../errors';
import { writeAtomically } from './atomicFile';
import { toBF16, toF16, widenBF16, widenF16 } from './halfPrecision';

/** Bytes of one number in each dtype that the format knows and that fills whole bytes. */
const dtypeBytes = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsDtype = keyof typeof dtypeBytes;

/** The dtypes that tensors can be written in. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

/** One tensor of a file: its place is counted from the end of the header. */
export type SafetensorsEntry = {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

/** An open safetensors file, read tensor by tensor. */
export type SafetensorsFile = {
  readonly file: string;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * One tensor's numbers as float32 (F16 and BF16 exactly, F64 rounded).
   * @throws CheckpointError for an absent name or a dtype that is not floating point.
   */
  read(name: string): Promise<Float32Array>;
  /** The same numbers a few MiB at a time, for tensors too large to lie in memory twice. Throws as `read` does. */
  readInPieces(name: string): AsyncGenerator<Float32Array>;
  /** One tensor's bytes, a few MiB at a time; each piece is overwritten by the next. */
  pieces(name: string): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
};

/** What can be written: a shape and its numbers, row-major. A `tf.Tensor` of dtype float32 is one. */
export type TensorSource = {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
};

/** Largest header that the format's own library takes. */
const MAX_HEADER_BYTES = 100_000_000;
const PIECE_BYTES = 1 << 22;

/**
 * Opens a safetensors file and checks its whole header against the file's size. The caller closes it.
 *
 * The file is: header length (8 bytes, little-endian), header (JSON), then the tensors back to back.
 * Reference: the format's description, github.com/huggingface/safetensors.
 *
 * @throws CheckpointError naming the file, and the tensor where one is at fault.
 */
export async function openSafetensors(file: string): Promise<SafetensorsFile> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new CheckpointError(`${file}: cannot be opened: ${(error as Error).message}`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    const header = await readHeader(handle, file, size);
    const dataStart = 8 + header.length;
    const { entries, metadata } = parseHeader(header.text, file, size - dataStart);
    const pieces = (name: string): AsyncGenerator<Uint8Array> =>
      readPieces(handle, file, dataStart, name, entryOf(entries, file, name));
    const readInPieces = (name: string): AsyncGenerator<Float32Array> =>
      widen(file, name, entryOf(entries, file, name), pieces(name));
    const read = async (name: string): Promise<Float32Array> => {
      const values = new Float32Array(count(entryOf(entries, file, name).shape));
      let at = 0;
      for await (const piece of readInPieces(name)) {
        values.set(piece, at);
        at += piece.length;
      }
      return values;
    };
    return { file, entries, metadata, read, readInPieces, pieces, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** All tensors of a small file by name, as float32. Throws as `openSafetensors` and `read` do. */
export async function readSafetensors(file: string): Promise<{
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
  readonly metadata: Readonly<Record<string, string>>;
}> {
  const opened = await openSafetensors(file);
  try {
    const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
    for (const [name, { shape }] of opened.entries)
      tensors.set(name, { shape, values: await opened.read(name) });
    return { tensors, metadata: opened.metadata };
  } finally {
    await opened.close();
  }
}

/**
 * Writes tensors to a safetensors file, whole or not at all, asking one source at a time for its numbers.
 * F16 and BF16 are rounded to nearest, ties to even.
 *
 * @throws CheckpointError for a number beyond the dtype's range, a source whose numbers do not fill its shape, or a
 * file system that refuses (full, not writable).
 */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorSource>>,
  options: {
    readonly dtype?: FloatDtype;
    readonly metadata?: Readonly<Record<string, string>>;
  } = {},
): Promise<void> {
  const dtype = options.dtype ?? 'F32';
  const header: Record<string, unknown> = {};
  if (options.metadata !== undefined) header['__metadata__'] = options.metadata;
  let end = 0;
  for (const [name, { shape }] of Object.entries(tensors)) {
    const begin = end;
    end += count(shape) * dtypeBytes[dtype];
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  // Padded so that the data starts at a multiple of 8, as the format asks.
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await writeAtomically(file, async (handle) => {
    await handle.writeFile(length);
    await handle.writeFile(padded);
    for (const [name, source] of Object.entries(tensors)) {
      const values = await source.data();
      if (values.length !== count(source.shape))
        throw new CheckpointError(
          `${file}: tensor ${name} of shape [${source.shape.join(', ')}] must have ${count(source.shape)} numbers; found ${values.length}`,
        );
      const step = PIECE_BYTES / dtypeBytes[dtype];
      for (let from = 0; from < values.length; from += step)
        await handle.writeFile(
          encode(values, from, Math.min(values.length, from + step), dtype, `${file}: tensor ${name}`),
        );
    }
  });
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

async function readHeader(
  handle: FileHandle,
  file: string,
  size: number,
): Promise<{ readonly text: string; readonly length: number }> {
  if (size < 8)
    throw new CheckpointError(`${file}: truncated: ${size} bytes, a header's length alone takes 8`);
  const prefix = new Uint8Array(8);
  await readFully(handle, file, prefix, 0);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES)
    throw new CheckpointError(
      `${file}: no safetensors file: its header would be ${length} bytes long, at most ${MAX_HEADER_BYTES} are allowed`,
    );
  if (8 + Number(length) > size)
    throw new CheckpointError(
      `${file}: truncated: the header needs ${8 + Number(length)} bytes, the file has ${size}`,
    );
  const bytes = new Uint8Array(Number(length));
  await readFully(handle, file, bytes, 8);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), length: bytes.length };
  } catch {
    throw new CheckpointError(`${file}: no safetensors file: its header is not UTF-8`);
  }
}

function parseHeader(
  text: string,
  file: string,
  dataBytes: number,
): {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
} {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new CheckpointError(`${file}: corrupt: its header is not JSON`);
  }
  if (!isRecord(header)) throw new CheckpointError(`${file}: corrupt: its header is not a JSON object`);
  const { __metadata__: metadata = {}, ...described } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string'))
    throw new CheckpointError(`${file}: corrupt: __metadata__ must map names to texts`);
  const entries = new Map(
    Object.entries(described)
      .map(([name, value]): [string, SafetensorsEntry] => [
        name,
        parseEntry(value, `${file}: tensor ${name}`),
      ])
      .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end),
  );
  let expected = 0;
  for (const [name, { begin, end }] of entries) {
    if (begin !== expected)
      throw new CheckpointError(
        `${file}: corrupt: tensor ${name} must begin at byte ${expected} of the data; found ${begin}`,
      );
    if (end > dataBytes)
      throw new CheckpointError(
        `${file}: truncated: tensor ${name} ends at byte ${end} of the data, the file has ${dataBytes}`,
      );
    expected = end;
  }
  if (expected !== dataBytes)
    throw new CheckpointError(
      `${file}: corrupt: the header describes ${expected} bytes of data, the file has ${dataBytes}`,
    );
  return { entries, metadata: metadata as Readonly<Record<string, string>> };
}

function parseEntry(value: unknown, where: string): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBytes, dtype))
    throw new CheckpointError(`${where}: unknown dtype ${JSON.stringify(dtype)}`);
  if (!isCounts(shape))
    throw new CheckpointError(`${where}: shape must list sizes; found ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2)
    throw new CheckpointError(
      `${where}: data_offsets must be [begin, end]; found ${JSON.stringify(offsets)}`,
    );
  const [begin, end] = offsets as [number, number];
  const bytes = count(shape) * dtypeBytes[dtype as SafetensorsDtype];
  if (end - begin !== bytes)
    throw new CheckpointError(
      `${where}: ${dtype} of shape [${shape.join(', ')}] takes ${bytes} bytes; data_offsets [${begin}, ${end}] hold ${end - begin}`,
    );
  return { dtype: dtype as SafetensorsDtype, shape, begin, end };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

function entryOf(
  entries: ReadonlyMap<string, SafetensorsEntry>,
  file: string,
  name: string,
): SafetensorsEntry {
  const entry = entries.get(name);
  if (entry === undefined) throw new CheckpointError(`${file}: holds no tensor ${name}`);
  return entry;
}

/** Fills `target` from the file, since one read may bring less than was asked for. */
async function readFully(
  handle: FileHandle,
  file: string,
  target: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw new CheckpointError(`${file}: truncated while it was read`);
    done += bytesRead;
  }
}

async function* readPieces(
  handle: FileHandle,
  file: string,
  dataStart: number,
  name: string,
  { begin, end }: SafetensorsEntry,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, end - begin));
  for (let at = begin; at < end; at += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, end - at));
    await readFully(handle, `${file}: tensor ${name}`, piece, dataStart + at);
    yield piece;
  }
}

async function* widen(
  file: string,
  name: string,
  { dtype }: SafetensorsEntry,
  pieces: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Float32Array> {
  for await (const { buffer, byteLength } of pieces) {
    const n = byteLength / dtypeBytes[dtype];
    if (dtype === 'F32') yield new Float32Array(buffer, 0, n).slice();
    else if (dtype === 'F64') yield Float32Array.from(new Float64Array(buffer, 0, n));
    else if (dtype === 'F16') yield widenF16(new Uint16Array(buffer, 0, n));
    else if (dtype === 'BF16') yield widenBF16(new Uint16Array(buffer, 0, n));
    else throw new CheckpointError(`${file}: tensor ${name} must be F32, F16, BF16 or F64; found ${dtype}`);
  }
}

function encode(
  values: ArrayLike<number>,
  from: number,
  to: number,
  dtype: FloatDtype,
  where: string,
): Uint8Array {
  if (dtype === 'F32') {
    const floats = new Float32Array(to - from);
    for (let i = from; i < to; i++) floats[i - from] = values[i] as number;
    return new Uint8Array(floats.buffer);
  }
  const narrow = dtype === 'F16' ? toF16 : toBF16;
  const infinity = dtype === 'F16' ? 0x7c00 : 0x7f80;
  const words = new Uint16Array(to - from);
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    const word = narrow(value);
    if ((word & 0x7fff) === infinity && Number.isFinite(value))
      throw new CheckpointError(`${where}: ${value} is beyond the range of ${dtype}`);
    words[i - from] = word;
  }
  return new Uint8Array(words.buffer);
}
