import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataError } from '../../src/errors';
import { fetchFile, type FetchOptions, type Progress } from '../../src/tasks/download/fetchFile';
import { getRelease } from '../../src/tasks/download/getRelease';
import { type Release, releases } from '../../src/tasks/download/releases';
import { unzip } from '../../src/tasks/download/unzip';
import { taskNamed } from '../../src/tasks';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let folder: string;
let requests: IncomingMessage[];
let answers: Readonly<Record<string, Answer>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spt-download-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end('none');
    else answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i + 7 * i) % 251));
const quick: FetchOptions = { stallMilliseconds: 300, retryMilliseconds: 5, attempts: 3 };
const file = (): string => join(folder, 'file.bin');

/** Serves all of a file, or what is asked for of it. */
const whole: Answer = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { etag: '"one"', 'content-length': bytes.length - start };
  if (start > 0 && request.headers['if-range'] === '"one"')
    response.writeHead(206, {
      ...headers,
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    });
  else response.writeHead(200, { ...headers, 'content-length': bytes.length });
  response.end(bytes.subarray(request.headers['if-range'] === '"one"' ? start : 0));
};

/** Sends half of what it announced, then closes the connection. */
const cutOff: Answer = (_, response) => {
  response.writeHead(200, { etag: '"one"', 'content-length': bytes.length });
  response.write(bytes.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 30));
};

/** The first request one way, later ones another. */
const firstThen = (first: Answer, then: Answer): Answer => {
  let count = 0;
  return (request, response) => (count++ === 0 ? first : then)(request, response);
};

const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  expect((error as Error).message).not.toContain('\n');
  return (error as Error).message;
};

describe('a file', () => {
  test('comes whole, with its hash and its progress', async () => {
    answers = { '/f': whole };
    const seen: Progress[] = [];
    const options = {
      ...quick,
      sha256: sha256(bytes),
      onProgress: (progress: Progress) => seen.push(progress),
    };
    expect(await fetchFile(url('/f'), file(), options)).toBe(sha256(bytes));
    expect(readFileSync(file()).equals(bytes)).toBe(true);
    expect(seen.at(-1)).toEqual({ url: url('/f'), received: bytes.length, total: bytes.length });
    expect(readdirSync(folder)).toEqual(['file.bin']);
  });

  test.each([
    ['a server that cuts off', cutOff],
    [
      'a server that stalls',
      (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { etag: '"one"', 'content-length': bytes.length });
        response.write(bytes.subarray(0, 50_000));
      },
    ],
    [
      'a server that is busy',
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(503).end(),
    ],
  ])('%s at first: the next attempt goes on', async (what, first) => {
    answers = { '/f': firstThen(first, whole) };
    await fetchFile(url('/f'), file(), { ...quick, sha256: sha256(bytes) });
    expect(readFileSync(file()).equals(bytes)).toBe(true);
    expect(requests).toHaveLength(2);
    if (what !== 'a server that is busy') {
      expect(requests[1]?.headers.range).toMatch(/^bytes=[1-9]\d+-$/);
      expect(requests[1]?.headers['if-range']).toBe('"one"');
    }
  });

  test('a later call goes on where an earlier one gave up', async () => {
    answers = { '/f': cutOff };
    expect(await refusal(fetchFile(url('/f'), file(), { ...quick, attempts: 1 }))).toMatch(
      /gave up after 1 attempt/,
    );
    expect(existsSync(file())).toBe(false);
    answers = { '/f': whole };
    await fetchFile(url('/f'), file(), { ...quick, sha256: sha256(bytes) });
    expect(requests.at(-1)?.headers.range).toBe('bytes=100000-');
    expect(readFileSync(file()).equals(bytes)).toBe(true);
  });

  test('a file that changed in between, or has no strong ETag, is fetched anew', async () => {
    answers = { '/f': cutOff };
    await refusal(fetchFile(url('/f'), file(), { ...quick, attempts: 1 }));
    const other = Buffer.from('another file');
    answers = { '/f': (_, response) => response.writeHead(200, { etag: 'W/"two"' }).end(other) };
    expect(await fetchFile(url('/f'), file(), quick)).toBe(sha256(other));
    answers = {
      '/f': firstThen((_, response) => {
        response.writeHead(200, { 'content-length': 20 });
        response.write('half', () => setTimeout(() => response.destroy(), 30));
      }, whole),
    };
    await fetchFile(url('/f'), file(), quick);
    expect(requests.at(-1)?.headers.range).toBeUndefined();
    expect(readFileSync(file()).equals(bytes)).toBe(true);
  });

  test('a server that lies about length: too long never ends well, too short is caught by the hash', async () => {
    answers = { '/f': cutOff };
    expect(await refusal(fetchFile(url('/f'), file(), quick))).toMatch(/gave up after 3 attempts/);
    answers = {
      '/f': (_, response) => {
        response.socket?.end(
          `HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfour and more`,
        );
      },
    };
    expect(
      await refusal(fetchFile(url('/f'), file(), { ...quick, sha256: sha256(Buffer.from('four and more')) })),
    ).toMatch(/SHA-256 must be|gave up/);
    answers = {
      '/f': (_, response) => {
        response.writeHead(206, { 'content-range': 'bytes 5-9/10' }).end('later');
      },
    };
    expect(await refusal(fetchFile(url('/f'), file(), quick))).toMatch(/does not give the rest/);
    expect(existsSync(file())).toBe(false);
  });

  test('a wrong hash is refused, and nothing of it is kept', async () => {
    answers = { '/f': whole };
    const message = await refusal(fetchFile(url('/f'), file(), { ...quick, sha256: '0'.repeat(64) }));
    expect(message).toContain(`the SHA-256 must be ${'0'.repeat(64)}; found ${sha256(bytes)}`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('redirects are followed, but not in circles and not out of http', async () => {
    const to =
      (location: string): Answer =>
      (_, response) =>
        response.writeHead(302, { location }).end();
    answers = {
      '/a': to('/b'),
      '/b': to(url('/f')),
      '/f': whole,
      '/circle': to('/circle'),
      '/out': to('ftp://x/f'),
    };
    await fetchFile(url('/a'), file(), { ...quick, sha256: sha256(bytes) });
    expect(await refusal(fetchFile(url('/circle'), file(), quick))).toContain('more than 5 other addresses');
    expect(await refusal(fetchFile(url('/out'), file(), quick))).toContain(
      'from http: to ftp:, which is refused',
    );
  });

  test('what is not there is said at once, what cannot be reached after some attempts', async () => {
    answers = {};
    expect(await refusal(fetchFile(url('/none'), file(), quick))).toContain('/none: answered 404');
    expect(requests).toHaveLength(1);
    const gone = url('/f');
    server.close();
    server.closeAllConnections();
    expect(await refusal(fetchFile(gone, file(), quick))).toMatch(/gave up after 3 attempts: ECONNREFUSED$/);
  });
});

/** A zip archive of stored files, with names as they are given; `damage` spoils the checksums. */
function zip(files: Readonly<Record<string, string>>, damage = 0): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = Buffer.from(text);
    const sizes = [crc32(data) ^ damage, data.length, data.length].map((value) => value >>> 0);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    sizes.forEach((value, i) => common.writeUInt32LE(value, 10 + 4 * i));
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 'latin1');
    central.writeUInt16LE(20, 4);
    common.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    centrals.push(central, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

describe('an archive', () => {
  const packed = (archive: Buffer): string => {
    const path = join(folder, 'a.zip');
    writeFileSync(path, archive);
    return path;
  };
  const below = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

  test('gives the files that are wanted, and no others', async () => {
    const archive = packed(zip({ 'set/': '', 'set/in/a.csv': 'one', 'set/readme': 'two' }));
    await unzip(archive, folder, (name) => (name.endsWith('.csv') ? name.replace('set/', '') : undefined));
    expect(below()).toEqual(['a.zip', 'in', 'in/a.csv']);
    expect(readFileSync(join(folder, 'in/a.csv'), 'utf8')).toBe('one');
  });

  test.each([
    ['a name with ../', zip({ 'good.csv': 'x', '../bad.csv': 'y' }), /invalid relative path/],
    ['../ inside a name', zip({ 'good.csv': 'x', 'a/../../bad.csv': 'y' }), /invalid relative path/],
    ['an absolute name', zip({ 'good.csv': 'x', '/bad.csv': 'y' }), /absolute path/],
    ['a backslash', zip({ 'good.csv': 'x', '..\\bad.csv': 'y' }), /invalid characters/],
    ['no archive', Buffer.from('no zip'), /not unpacked/],
    ['a cut archive', zip({ 'good.csv': 'x' }).subarray(0, 60), /not unpacked/],
  ])('%s: all of it is refused before anything is written', async (_, archive, why) => {
    expect(await refusal(unzip(packed(archive), folder, (name) => name))).toMatch(why);
    expect(below()).toEqual(['a.zip']);
    expect(existsSync(join(folder, '..', 'bad.csv'))).toBe(false);
  });

  test('a wrong checksum inside leaves no file of that name', async () => {
    const archive = packed(zip({ 'a.csv': 'x' }, 1));
    expect(await refusal(unzip(archive, folder, (name) => name))).toContain('a.csv: its checksum is wrong');
    expect(existsSync(join(folder, 'a.csv'))).toBe(false);
  });
});

describe('a release', () => {
  const rows = 'mr,ref\na,b\n';
  const release = (): Release => ({
    page: 'https://example.org/set',
    downloads: [
      { zip: url('/set.zip'), strip: /^set-master\/(?=data\/)/ },
      { url: url('/extra.csv'), path: 'extra.csv' },
      { url: url('/new.csv'), path: 'new.csv' },
    ],
    sha256: {
      data: sha256(
        Buffer.from(`${sha256(Buffer.from(rows))}  a.csv\n${sha256(Buffer.from('x'))}  in/b.csv\n`),
      ),
      'extra.csv': sha256(Buffer.from('extra')),
    },
  });
  const serve =
    (text: string | Buffer): Answer =>
    (_, response) =>
      response.end(text);
  const target = (): string => join(folder, 'set');
  const archive = zip({
    'set-master/data/a.csv': rows,
    'set-master/data/in/b.csv': 'x',
    'set-master/README': 'r',
  });

  test('comes into its folder when all of it is there; files without a known hash are named', async () => {
    answers = { '/set.zip': serve(archive), '/extra.csv': serve('extra'), '/new.csv': serve('new') };
    mkdirSync(target());
    writeFileSync(join(target(), 'mine.txt'), 'mine');
    expect(await getRelease(release(), target(), quick)).toEqual(['new.csv']);
    expect(readdirSync(target(), { recursive: true, encoding: 'utf8' }).sort()).toEqual(
      ['data', 'data/a.csv', 'data/in', 'data/in/b.csv', 'extra.csv', 'mine.txt', 'new.csv'].sort(),
    );
    expect(readdirSync(folder)).toEqual(['set']);
  });

  test('a part that fails leaves the folder as it was, and the next call fetches what is missing', async () => {
    answers = { '/set.zip': serve(archive), '/extra.csv': serve('extra') };
    const message = await refusal(getRelease(release(), target(), quick));
    expect(message).toContain('/new.csv: answered 404');
    expect(message).toContain(
      `the files of https://example.org/set can also be put into ${target()} by hand`,
    );
    expect(existsSync(target())).toBe(false);
    answers = { ...answers, '/new.csv': serve('new') };
    await getRelease(release(), target(), quick);
    expect(requests.filter(({ url: path }) => path === '/extra.csv')).toHaveLength(1);
  });

  test('what hashes to something else is refused, unless any hash will do', async () => {
    answers = {
      '/set.zip': serve(zip({ 'set-master/data/a.csv': 'mr,ref\n', 'set-master/data/in/b.csv': 'x' })),
      '/extra.csv': serve('extra'),
      '/new.csv': serve('new'),
    };
    expect(await refusal(getRelease(release(), target(), quick))).toMatch(
      /^data: the SHA-256 must be .*; found /,
    );
    expect(existsSync(target())).toBe(false);
    await getRelease(release(), target(), { ...quick, anyChecksum: true });
    expect(readFileSync(join(target(), 'data/a.csv'), 'utf8')).toBe('mr,ref\n');
  });

  test('every known release belongs to a data set, comes by https, and fills all splits that were published', () => {
    for (const [name, { page, downloads, sha256: sums }] of Object.entries(releases)) {
      const { files, shipped } = taskNamed(name);
      expect(shipped).toBe(false);
      expect(page).toMatch(/^https:\/\//);
      for (const download of downloads)
        expect('zip' in download ? download.zip : download.url).toMatch(/^https:/);
      for (const sum of Object.values(sums)) expect(sum).toMatch(/^[0-9a-f]{64}$/);
      const paths = downloads.flatMap((download) => ('path' in download ? [download.path] : []));
      if (paths.length > 0)
        for (const names of Object.values(files).filter((all) => all.length > 0))
          expect(
            names.some((one) => paths.includes(one)),
            `${name}: ${names.join()}`,
          ).toBe(true);
    }
  });
});
