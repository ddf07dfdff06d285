/* Lets a plain `node --require` run the project's TypeScript, for tests that need a process of their own to kill. */
const { readFileSync } = require('node:fs');
const typescript = require('typescript');

/**
 * @param {NodeJS.Module & { _compile(code: string, filename: string): void }} module
 * @param {string} filename
 */
function compile(module, filename) {
  const { outputText } = typescript.transpileModule(readFileSync(filename, 'utf8'), {
    compilerOptions: {
      module: typescript.ModuleKind.CommonJS,
      target: typescript.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
    fileName: filename,
  });
  module._compile(outputText, filename);
}

require.extensions['.ts'] = /** @type {(module: NodeJS.Module, filename: string) => void} */ (compile);
