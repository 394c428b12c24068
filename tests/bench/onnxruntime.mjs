// Runs a model in ONNX Runtime on one thread, for the bench. Usage:
//   node onnxruntime.mjs FOLDER     FOLDER holds node_modules/onnxruntime-node (npm install --ignore-scripts onnxruntime-node)
// Reads commands, a line each, and answers each with a line:
//   load MODEL {NAME TYPE FILE 1,3,224,224}...   takes each input from a file of its numbers; answers the version
//   run N                           runs it N times; answers the mean CPU time of a run in milliseconds
//   write FILE NAME                 writes an output of the last run; answers "written"
//   peak                            answers the growth of the peak memory since the start, in MB
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';

const require = createRequire(path.join(path.resolve(process.argv[2]), 'bench.js'));
const runtime = require('onnxruntime-node');
const options = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
};

// Unit: MB. resourceUsage() includes the parent's.
const peak = () => Number(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/)[1]) * 1024 / 1e6;
const atStart = peak();
let session;
let feeds;
let output;

const arrays = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array, uint8: Uint8Array };

function tensor(type, file, dims) {
  const bytes = readFileSync(file);
  const values = new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return new runtime.Tensor(type, values, dims.split(',').map(Number));
}

async function load(model, ...inputs) {
  await session?.release();
  session = await runtime.InferenceSession.create(model, options);
  feeds = {};
  for (let i = 0; i < inputs.length; i += 4) {
    feeds[inputs[i]] = tensor(...inputs.slice(i + 1, i + 4));
  }
  return `ONNX Runtime ${require('onnxruntime-node/package.json').version}`;
}

async function run(times) {
  const before = process.cpuUsage();
  for (let i = 0; i < times; ++i) {
    output = await session.run(feeds);
  }
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000 / times;
}

function write(file, name) {
  const { data } = output[name];
  writeFileSync(file, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return 'written';
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ');
  const answer = command === 'load' ? await load(...words)
    : command === 'run' ? await run(Number(words[0]))
    : command === 'peak' ? peak() - atStart
    : write(...words);
  process.stdout.write(`${answer}\n`);
}
