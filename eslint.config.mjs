import js from '@eslint/js';
import imports from 'eslint-plugin-import';
import path from 'node:path';
import tseslint from 'typescript-eslint';

/** What each room of src/ may import besides itself and src/errors.ts. Rooms that are not named may import everything. */
const rooms = {
  tensor: [],
  model: ['tensor'],
  tuning: ['tensor', 'model'],
  tasks: ['tensor/random.ts'],
  metrics: ['tensor/random.ts', 'tasks'],
  analysis: ['tensor', 'model', 'tuning'],
  training: ['tensor', 'model', 'tuning', 'tasks', 'metrics'],
  experiments: ['tensor', 'model', 'tuning', 'tasks', 'metrics', 'analysis', 'training'],
  bench: ['tensor', 'model', 'tuning', 'tasks', 'metrics', 'training', 'experiments'],
  figures: ['tensor', 'model', 'tuning', 'tasks', 'metrics', 'analysis', 'training', 'experiments'],
};

const zones = Object.entries(rooms).map(([room, lower]) => ({
  target: `./src/${room}`,
  from: './src',
  except: [room, ...lower, 'errors.ts'],
  message: `src/${room} may import ${['src/errors.ts', ...lower.map((name) => `src/${name}`)].join(', ')} only.`,
}));

const setupZone = {
  target: './src/setup',
  from: './src',
  except: ['setup'],
  message: 'src/setup runs before anything is built.',
};

/** A name says what is inside; `utils` says nothing. */
const noUtils = {
  meta: { type: 'problem', schema: [] },
  create: (context) => ({
    Program(node) {
      const parts = path.relative(context.cwd, context.filename).split(path.sep);
      const named = parts.find((part) => /^(utils?|helpers?|misc|common)(\.|$)/i.test(part));
      if (named) context.report({ node, message: `Name "${named}" after what it holds.` });
    },
  }),
};

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      'dist',
      'dist.*',
      'coverage',
      'runs',
      '.venv',
      '.setup',
      'data',
      'figures',
      'notebooks',
    ],
  },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { import: imports, house: { rules: { 'no-utils': noUtils } } },
    settings: {
      'import/resolver': { node: { extensions: ['.ts', '.mts', '.mjs', '.js'] } },
      'import/parsers': { '@typescript-eslint/parser': ['.ts', '.mts'] },
    },
    rules: {
      'house/no-utils': 'error',
      'import/no-restricted-paths': ['error', { zones: [...zones, setupZone] }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'A union of literals does it without run-time code.' },
      ],
    },
  },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { boolean: true } }],
      // Indexing typed arrays in numerical loops yields `number | undefined`; `!` says there what the loop bound proves.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // tfjs types most results by a free type parameter; asserting the rank, or asking for it by name, is its idiom.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Tokenizers work on code points, and a contract may be asynchronous where one of its sides need not be.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/require-await': 'off',
      // Contracts are written with methods; the plain functions behind them know no `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/tensor/backend.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@tensorflow/*'],
              message: 'Only src/tensor/backend.ts imports tfjs; import { tf } from it.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/setup/**/*.mjs', 'eslint.config.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
      },
    },
  },
  {
    files: ['src/setup/**/*.mjs'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!node:|\\.)',
              message: 'Set-up runs before npm packages exist: Node built-ins only.',
            },
          ],
        },
      ],
    },
  },
);
