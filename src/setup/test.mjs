// usage: node src/setup/test.mjs [--tests-only] [VITEST ARGUMENT...]
// Types, lint, format and tests with their coverage; the last line counts them. The tests alone with --tests-only.
import fs from 'node:fs';
import path from 'node:path';
import { runProgram, showProgram } from './command.mjs';
import { countTests } from './countTests.mjs';
import { root, setUp } from './setUp.mjs';

await setUp();
const bin = (/** @type {string} */ name) => path.join(root, 'node_modules', '.bin', name);
// tslab brings a TypeScript of its own, and either may own the name in .bin.
const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {string} name
 * @param {readonly string[]} command
 */
async function check(name, [program = '', ...args]) {
  const start = Date.now();
  const { status, output } = await runProgram(program, args, { cwd: root });
  if (status === 0) counts.passed += 1;
  else counts.failed += 1;
  if (status !== 0) process.stdout.write(output);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${name} ${status === 0 ? 'passed' : 'failed'} (${seconds} s)\n`);
}

const given = process.argv.slice(2).filter((arg) => arg !== '--tests-only');
const testsOnly = process.argv.includes('--tests-only');
if (!testsOnly) {
  await check('types', [process.execPath, tsc, '--project', 'tsconfig.check.json', '--pretty', 'false']);
  await check('lint', [bin('eslint'), '.']);
  await check('format', [bin('prettier'), '--check', '--log-level', 'warn', '.']);
}

const report = path.join(root, 'coverage', 'tests.json');
fs.rmSync(report, { force: true });
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const coverage = [
  '--coverage.enabled',
  '--coverage.include=src/**/*.{ts,mjs}',
  '--coverage.reporter=text',
  '--coverage.clean=false',
];
const vitest = ['run', ...reporters, ...(testsOnly ? [] : coverage), ...given];
const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
const status = await showProgram(bin('vitest'), vitest, { cwd: root, env });
const tests = countTests(fs.existsSync(report) ? fs.readFileSync(report, 'utf8') : null, status);
for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) counts[key] += tests[key];
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
