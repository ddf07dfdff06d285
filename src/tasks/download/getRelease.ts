import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '../../errors';
import { fetchFile, fileSha256, type FetchOptions } from './fetchFile';
import type { Release } from './releases';
import { unzip } from './unzip';

/** The files below a folder by their paths there, in the order of their names' code units. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

/** The SHA-256 of a file, or of a folder's list of files as sha256sum prints it. */
async function sha256Of(path: string): Promise<string> {
  if (!statSync(path).isDirectory()) return fileSha256(path);
  const list = createHash('sha256');
  for (const file of filesBelow(path)) list.update(`${await fileSha256(join(path, file))}  ${file}\n`);
  return list.digest('hex');
}

export type GetOptions = Omit<FetchOptions, 'sha256'> & {
  /** Take files whose hash is not the known one, too. */
  readonly anyChecksum?: boolean;
};

/**
 * Downloads a release into a folder: into `<folder>.partial` first, where a later call finds what has already come, and
 * only when all of it is there and hashes to what is known, under its own name. Files that lie in the folder already
 * and belong to the release are replaced.
 * Returns the paths of the files that no hash was known for.
 * @throws DataError in one line: what failed, where the release comes from, and which files to put where by hand.
 */
export async function getRelease(
  release: Release,
  folder: string,
  { anyChecksum = false, ...options }: GetOptions = {},
): Promise<string[]> {
  const staging = `${folder}.partial`;
  const knownSha256 = (path: string): string | undefined => (anyChecksum ? undefined : release.sha256[path]);
  try {
    for (const download of release.downloads) {
      if ('zip' in download) {
        const archive = join(staging, 'archive.zip');
        mkdirSync(staging, { recursive: true });
        await fetchFile(download.zip, archive, options);
        try {
          await unzip(archive, staging, (name) =>
            download.strip.test(name) ? name.replace(download.strip, '') : undefined,
          );
        } finally {
          rmSync(archive, { force: true });
        }
      } else if (!existsSync(join(staging, download.path))) {
        const file = join(staging, download.path);
        mkdirSync(dirname(file), { recursive: true });
        await fetchFile(download.url, file, { ...options, sha256: knownSha256(download.path) });
      }
    }
    for (const path of Object.keys(release.sha256)) {
      const wanted = knownSha256(path);
      if (wanted === undefined) continue;
      if (!existsSync(join(staging, path))) throw new DataError(`${path} is not in what was downloaded`);
      const found = await sha256Of(join(staging, path));
      if (found === wanted) continue;
      rmSync(join(staging, path), { recursive: true });
      throw new DataError(`${path}: the SHA-256 must be ${wanted}; found ${found}`);
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(
      `${error.message}; the files of ${release.page} can also be put into ${folder} by hand`,
      { cause: error },
    );
  }
  const files = filesBelow(staging);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    renameSync(join(staging, file), join(folder, file));
  }
  rmSync(staging, { recursive: true });
  const isKnown = (file: string): boolean =>
    Object.keys(release.sha256).some((path) => file === path || file.startsWith(`${path}/`));
  return files.filter((file) => !isKnown(file));
}
