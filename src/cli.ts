#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';

/** Adds a verb's options and action to its command. */
type Define = (command: Command) => void;

/** Each verb and what it does; its file is loaded only when it is called, so that light verbs start fast. */
const verbs: Readonly<Record<string, readonly [does: string, load: () => Promise<Define>]>> = {
  doctor: [
    'show backend, device, versions and speed, and what is missing',
    async () => (await import('./cli/doctor.js')).doctor,
  ],
  tokenize: [
    "print the ids of stdin's lines and the text they decode to, as JSON Lines",
    async () => (await import('./cli/tokenize.js')).tokenize,
  ],
  data: [
    "print a data set's split, or a few-shot draw of it, as JSON Lines",
    async () => (await import('./cli/data.js')).data,
  ],
  methods: [
    'list the methods and scalings, with what each trains on a model',
    async () => (await import('./cli/methods.js')).methods,
  ],
  train: [
    'train a method on a few shots, one run a seed',
    async () => (await import('./cli/train.js')).train,
  ],
  generate: [
    'generate a text for each source of a JSON Lines file',
    async () => (await import('./cli/generate.js')).generate,
  ],
  evaluate: [
    'generate for a split with a finished run, score, and keep both with the run',
    async () => (await import('./cli/evaluate.js')).evaluate,
  ],
  score: [
    'score hypotheses against references by metrics or an official protocol, with intervals',
    async () => (await import('./cli/score.js')).score,
  ],
  'export-outputs': [
    "write a run's kept texts as the official scorers' files",
    async () => (await import('./cli/exportOutputs.js')).exportOutputs,
  ],
  export: [
    'write a finished run as a Hugging Face PEFT adapter',
    async () => (await import('./cli/exportRun.js')).exportRun,
  ],
  import: [
    'make a run of a Hugging Face PEFT adapter',
    async () => (await import('./cli/importRun.js')).importRun,
  ],
  gap: [
    'measure the gap between a prompt and the inputs, by every measure',
    async () => (await import('./cli/gap.js')).gap,
  ],
  project: [
    "map a run's prompt, before and after its scale, with its inputs to the plane",
    async () => (await import('./cli/project.js')).project,
  ],
  sweep: [
    "measure an experiment's rows that are missing, judge them, and tell them on the model's card",
    async () => (await import('./cli/sweep.js')).sweep,
  ],
  'mini-runs': [
    'train the runs that the notebooks read, again',
    async () => (await import('./cli/miniRuns.js')).miniRuns,
  ],
  pretrain: [
    'make the mini model from nothing, or measure its gates',
    async () => (await import('./cli/pretrain.js')).pretrain,
  ],
  calibrate: [
    "draw how often the gap's tests reject and its intervals cover; resumable",
    async () => (await import('./cli/calibrate.js')).calibrate,
  ],
  bench: [
    'compare speed and memory with PyTorch, transformers, peft and sacrebleu',
    async () => (await import('./cli/bench.js')).bench,
  ],
};

function packageVersion(): string {
  const file = join(__dirname, '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/** Text as one line: what the shell shows must be readable by a program too. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

async function program(words: readonly string[]): Promise<Command> {
  const spt = new Command('spt')
    .description('Scaled Prompt-Tuning of a frozen T5: data, training, generation, scores.')
    .version(packageVersion())
    // A verb and its subverb may have options of the same name: each takes those that stand after it.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${oneLine(text)}\n`) });
  const called = words.find((word) => Object.hasOwn(verbs, word));
  for (const [name, [does, load]] of Object.entries(verbs)) {
    const command = spt.command(name).description(does).allowExcessArguments(false);
    if (name === called) (await load())(command);
    command.option('--json', 'print one JSON document on stdout and nothing else');
  }
  return spt;
}

/** Runs a command line; the exit status is 0, 1 after an error, 2 after wrong usage. */
async function main(words: readonly string[]): Promise<number> {
  try {
    const spt = await program(words);
    if (words.length === 0)
      spt.error(`error: a verb is missing: ${Object.keys(verbs).join(', ')}; see --help`);
    await spt.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has written its own message, and help is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`error: ${oneLine(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
}

// A reader that has seen enough (`| head`) is no error; a disk that is full is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`error: stdout: ${oneLine(error.message)}\n`);
  process.exit(1);
});

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
