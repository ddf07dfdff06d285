import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A graphics processor that the operating system shows. */
export type Gpu = { readonly vendor: 'nvidia' | 'amd' | 'intel' | 'apple' | 'other'; readonly name: string };

const pciVendors: Readonly<Record<string, Gpu['vendor']>> = {
  '0x10de': 'nvidia',
  '0x1002': 'amd',
  '0x8086': 'intel',
};

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function nvidiaGpus(root: string): Gpu[] {
  const folder = join(root, 'proc/driver/nvidia/gpus');
  const cards = entries(folder).map((card): Gpu => {
    const file = join(folder, card, 'information');
    const model = existsSync(file) ? /^Model:\s*(.+?)\s*$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
    return { vendor: 'nvidia', name: model ?? 'NVIDIA GPU' };
  });
  if (cards.length > 0) return cards;
  // Containers often pass the device files without the driver's folder below /proc.
  const devices = entries(join(root, 'dev')).filter((name) => /^nvidia\d+$/.test(name));
  return devices.map((): Gpu => ({ vendor: 'nvidia', name: 'NVIDIA GPU' }));
}

function renderNodes(root: string): Gpu[] {
  return entries(join(root, 'dev/dri'))
    .filter((name) => name.startsWith('renderD'))
    .map((name): Gpu => {
      const file = join(root, 'sys/class/drm', name, 'device/vendor');
      const id = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
      return {
        vendor: pciVendors[id] ?? 'other',
        name: `${(pciVendors[id] ?? 'unknown').toUpperCase()} GPU`,
      };
    });
}

/**
 * The GPUs that this machine shows, used or not. An NVIDIA card hidden on purpose (`CUDA_VISIBLE_DEVICES` empty or -1)
 * is left out. `root` and `platform` stand in for the machine in tests.
 */
export function findGpus(root = '/', platform = `${process.platform}-${process.arch}`): readonly Gpu[] {
  if (platform === 'darwin-arm64') return [{ vendor: 'apple', name: 'Apple GPU' }];
  if (!platform.startsWith('linux')) return [];
  const nvidia = nvidiaGpus(root);
  const others = renderNodes(root).filter((gpu) => gpu.vendor !== 'nvidia' || nvidia.length === 0);
  const hidden = ['', '-1'].includes(process.env['CUDA_VISIBLE_DEVICES'] ?? 'unset');
  return [...nvidia, ...others].filter((gpu) => gpu.vendor !== 'nvidia' || !hidden);
}
