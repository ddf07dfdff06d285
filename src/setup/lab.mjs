// usage: node src/setup/lab.mjs [JUPYTERLAB OPTION...]     opens JupyterLab on notebooks/, on this machine only
import path from 'node:path';
import { showProgram } from './command.mjs';
import { root, setUp } from './setUp.mjs';

await setUp();
const options = [
  `--ServerApp.root_dir=${root}`,
  '--ServerApp.ip=127.0.0.1',
  '--LabApp.default_url=/lab/tree/notebooks',
  '--MultiKernelManager.default_kernel_name=tslab',
  '--LabApp.news_url=None',
  '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
  // Jupyter refuses root unless told; containers often have no other user, and the token still guards the door.
  ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
];
const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: '1', TF_CPP_MIN_LOG_LEVEL: '3' };
const jupyter = path.join(root, '.venv', 'bin', 'jupyter');
process.exitCode = await showProgram(jupyter, ['lab', ...options, ...process.argv.slice(2)], {
  cwd: root,
  env,
});
