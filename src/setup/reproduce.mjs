// usage: node src/setup/reproduce.mjs [--full] [NOTEBOOK.ipynb...]     runs all notebooks, or these, from nothing
//        --full: trains the runs again that they read, and lets their studies measure everything
import fs from 'node:fs';
import path from 'node:path';
import { showProgram } from './command.mjs';
import { root, setUp } from './setUp.mjs';

/** Seconds that one cell may take. */
const limit = Number(process.env['SPT_NOTEBOOK_SECONDS'] ?? 1800);

await setUp();
const words = process.argv.slice(2);
const isFull = words.includes('--full');
const given = words.filter((word) => word !== '--full').map((name) => path.resolve(name));
const folder = path.join(root, 'notebooks');
const all = fs.readdirSync(folder).filter((name) => name.endsWith('.ipynb'));
const notebooks = given.length > 0 ? given : all.sort().map((name) => path.join(folder, name));
if (notebooks.length === 0) {
  process.stderr.write('error: notebooks/ holds no notebook\n');
  process.exit(1);
}
// Run copies, with their outputs, stay out of git.
const output = path.join(root, 'runs', 'notebooks');
const python = path.join(root, '.venv', 'bin', 'python');
const script = path.join(root, 'src', 'setup', 'executeNotebook.py');
const env = {
  ...process.env,
  JUPYTER_PREFER_ENV_PATH: '1',
  TF_CPP_MIN_LOG_LEVEL: '3',
  ...(isFull ? { SPT_STUDY: 'full' } : {}),
};
if (isFull) {
  const status = await showProgram(process.execPath, [path.join(root, 'dist', 'cli.js'), 'mini-runs'], {
    cwd: root,
    env,
  });
  if (status !== 0) process.exit(status);
}
for (const notebook of notebooks) {
  const status = await showProgram(python, [script, notebook, output, String(limit)], { cwd: root, env });
  if (status !== 0) process.exit(status);
}
