// Runs ONNX files in ONNX Runtime for onnxruntime_test.py. Usage:
//   node run.mjs FOLDER     FOLDER holds node_modules/onnxruntime-node (npm install --ignore-scripts onnxruntime-node)
// Reads jobs, a line of JSON each: {"models": [path, ...], "tensors": {name: {"file", "type", "dims"}}, "out": folder}.
// The files run one after the other. Each takes its inputs by name from `tensors` and from the outputs of the files before
// it. Answers a line of JSON: {"tensors": ...} with every output, its elements in a file of `out`, and "files" with the
// "inputs" and "outputs" of each file; or {"error": text}.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';

const require = createRequire(path.join(path.resolve(process.argv[2]), 'run.js'));
const runtime = require('onnxruntime-node');
const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 };
const arrays = {
  float32: Float32Array, float64: Float64Array, int64: BigInt64Array, int32: Int32Array,
  float16: Uint16Array, uint8: Uint8Array, int8: Int8Array, bool: Uint8Array,
};

function read({ file, type, dims }) {
  const bytes = readFileSync(file);
  const values = new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return new runtime.Tensor(type, values, dims);
}

async function run({ models, tensors, out }) {
  const known = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, read(tensor)]));
  const made = {};
  const files = [];
  for (const model of models) {
    const session = await runtime.InferenceSession.create(model, options);
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, known[name]]));
    const results = await session.run(feeds);
    for (const name of session.outputNames) {
      const { type, dims, data } = results[name];
      const file = path.join(out, `${Object.keys(made).length}.raw`);
      writeFileSync(file, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      known[name] = results[name];
      made[name] = { file, type, dims };
    }
    files.push({ inputs: session.inputNames, outputs: session.outputNames });
    await session.release();
  }
  return { tensors: made, files };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await run(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
