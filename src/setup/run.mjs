// usage: node src/setup/run.mjs [--quiet] [STEP...]
import { setUp } from './setUp.mjs';

const args = process.argv.slice(2);
await setUp({ quiet: args.includes('--quiet'), only: args.filter((arg) => arg !== '--quiet') });
