import { readFileSync } from 'node:fs';

/** The operating system's count of the largest resident memory, in bytes. Linux's other one begins with the parent's. */
export function peakBytes(): number {
  const own = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(own)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kilobytes) * 1024;
}
