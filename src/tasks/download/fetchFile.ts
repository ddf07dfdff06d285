import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataError } from '../../errors';

/** What a download shows of itself; `total` is what the server says, null where it says nothing. */
export type Progress = { readonly url: string; readonly received: number; readonly total: number | null };

export type FetchOptions = {
  /** What the whole file must hash to, in hex; undefined where nobody knows. */
  readonly sha256?: string | undefined;
  /** A server that sends nothing for so long has stalled. */
  readonly stallMilliseconds?: number;
  /** How often a broken transfer is taken up again. */
  readonly attempts?: number;
  readonly retryMilliseconds?: number;
  readonly onProgress?: (progress: Progress) => void;
};

/** Something that another try may mend. */
class Broken extends Error {}

const most = 5;

/** Follows redirects by hand: never from https to plain http, and not in circles. */
async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let at = new URL(url);
  for (let hops = 0; hops <= most; hops++) {
    const response = await fetch(at, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, at);
    if (next.protocol !== at.protocol && next.protocol !== 'https:')
      throw new DataError(`${url}: leads from ${at.protocol} to ${next.protocol}, which is refused`);
    at = next;
  }
  throw new DataError(`${url}: leads to more than ${most} other addresses, one after the other`);
}

/** The place where a partial answer begins and the whole length, from `Content-Range: bytes 5-9/10`. */
function contentRange(
  response: Response,
): { readonly start: number; readonly total: number | null } | undefined {
  const [, start, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  if (start === undefined || total === undefined) return undefined;
  return { start: Number(start), total: total === '*' ? null : Number(total) };
}

/** Writes a body to the end of a file; broken where it stalls, ends early or is longer than the server said. */
async function receive(
  body: ReadableStream<Uint8Array>,
  file: FileHandle,
  from: number,
  total: number | null,
  alive: () => void,
  onReceived: (received: number) => void,
): Promise<void> {
  let received = from;
  for await (const chunk of body) {
    alive();
    if (total !== null && received + chunk.length > total)
      throw new Broken(`sent more than the ${total} bytes it had announced`);
    await file.write(chunk, 0, chunk.length, received);
    received += chunk.length;
    onReceived(received);
  }
  if (total !== null && received < total) throw new Broken(`ended after ${received} of ${total} bytes`);
}

/** The SHA-256 of a file in hex. */
export async function fileSha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** One try: goes on with what is there if the server still has the same file, else from the start. */
async function attempt(url: string, part: string, options: FetchOptions): Promise<void> {
  const { stallMilliseconds = 30_000, onProgress } = options;
  const tagFile = `${part}.tag`;
  const have = existsSync(part) && existsSync(tagFile) ? statSync(part).size : 0;
  const resume = have > 0 ? { range: `bytes=${have}-`, 'if-range': readFileSync(tagFile, 'utf8') } : {};
  const stalled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => stalled.abort(new Broken(`sent nothing for ${stallMilliseconds / 1000} s`)),
      stallMilliseconds,
    );
  };
  alive();
  try {
    const response = await request(url, { 'accept-encoding': 'identity', ...resume }, stalled.signal);
    const range = response.status === 206 ? contentRange(response) : undefined;
    if (response.status === 416 || (response.status === 206 && range?.start !== have)) {
      rmSync(part, { force: true });
      throw new Broken('does not give the rest of the file');
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      const answer = `answered ${response.status} ${response.statusText}`.trim();
      if (response.status >= 500 || response.status === 429) throw new Broken(answer);
      throw new DataError(`${url}: ${answer}`);
    }
    const from = range === undefined ? 0 : have;
    const length = response.headers.get('content-length');
    const total = range?.total ?? (length === null ? null : from + Number(length));
    // Only a strong validator says that two answers are parts of the same bytes.
    const tag = response.headers.get('etag');
    if (tag !== null && !tag.startsWith('W/')) writeFileSync(tagFile, tag);
    else rmSync(tagFile, { force: true });
    const file = await open(part, from === 0 ? 'w' : 'r+');
    try {
      await receive(response.body as ReadableStream<Uint8Array>, file, from, total, alive, (received) =>
        onProgress?.({ url, received, total }),
      );
    } finally {
      await file.close();
    }
  } catch (error) {
    throw stalled.signal.aborted ? (stalled.signal.reason as Error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Why a connection failed, e.g. `ENOTFOUND`. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return error instanceof Broken ? message : (cause?.code ?? cause?.message ?? message);
}

/**
 * Downloads a file whole or not at all: what has come lies in `<path>.part` until it is complete and its hash is right.
 * A transfer that stalls or breaks off is taken up again where it was, also by a later call, as long as the server says
 * by its ETag that the file is the same; else it starts anew. Returns the file's SHA-256.
 * @throws DataError in one line: what the server did, or which hash was wanted and which was found.
 */
export async function fetchFile(url: string, path: string, options: FetchOptions = {}): Promise<string> {
  const { sha256, attempts = 4, retryMilliseconds = 1000 } = options;
  const part = `${path}.part`;
  for (let tries = 1; ; tries++) {
    try {
      await attempt(url, part, options);
      break;
    } catch (error) {
      if (error instanceof DataError || (error as NodeJS.ErrnoException).syscall === 'write') throw error;
      if (tries === attempts)
        throw new DataError(`${url}: gave up after ${attempts} attempts: ${causeOf(error)}`, {
          cause: error,
        });
      await sleep(retryMilliseconds * tries);
    }
  }
  const found = await fileSha256(part);
  rmSync(`${part}.tag`, { force: true });
  if (sha256 !== undefined && found !== sha256) {
    rmSync(part);
    throw new DataError(`${url}: the SHA-256 must be ${sha256}; found ${found}`);
  }
  renameSync(part, path);
  return found;
}
