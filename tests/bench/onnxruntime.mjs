// Runs a model in ONNX Runtime on one thread, for the bench. Usage:
//   node onnxruntime.mjs FOLDER     FOLDER holds node_modules/onnxruntime-node (npm install --ignore-scripts onnxruntime-node)
// Reads commands, a line each, and answers each with a line:
//   load MODEL INPUT 1,3,224,224    takes the input from a file of float32 numbers; answers the version
//   run N                           runs it N times; answers the CPU milliseconds of one run
//   write FILE                      writes the output of the last run; answers "written"
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

let session;
let feeds;
let output;

async function load(model, input, dims) {
  await session?.release();
  session = await runtime.InferenceSession.create(model, options);
  const bytes = readFileSync(input);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  feeds = { [session.inputNames[0]]: new runtime.Tensor('float32', values, dims.split(',').map(Number)) };
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

function write(file) {
  writeFileSync(file, Buffer.from(output[session.outputNames[0]].data.buffer));
  return 'written';
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ');
  const answer = command === 'load' ? await load(...words)
    : command === 'run' ? await run(Number(words[0]))
    : write(words[0]);
  process.stdout.write(`${answer}\n`);
}
