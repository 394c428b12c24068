#!/usr/bin/python3
"""offcut serve --http: a model behind the Open Inference Protocol, whole and split, called by Python's http.client and by curl."""
import http.client
import json
import re
import shutil
import signal
import subprocess
import unittest

import numpy

from program import PROGRAM, SOURCE, InFolder

DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"


class Service(InFolder):
    def setUp(self):
        super().setUp()
        self.running = []
        self.image = numpy.random.default_rng(1).random((1, 1, 28, 28), dtype=numpy.float32)

    def tearDown(self):
        for process in self.running:
            process.kill()
            process.communicate()
        super().tearDown()

    def start(self, *arguments, until=r"answering at http://(\S+?)(/\S*)$"):
        """Starts a tier, and returns what the line says for which this waits."""
        process = subprocess.Popen([PROGRAM, "serve", *map(str, arguments)], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(process)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if match := re.search(until, line):
                return match.groups()
        self.fail("".join(lines) + process.stderr.read())

    def call(self, address, method, path, body=None, headers=None):
        """Returns the status, the header and the body of an answer."""
        connection = http.client.HTTPConnection(address, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def request(self, **parameters):
        return {"id": "7", "inputs": [{"name": "image", "datatype": "FP32", "shape": [1, 1, 28, 28]} | parameters]}

    def infer(self, address, path):
        """Returns the probabilities that both forms of tensors give, which must be the same bits."""
        status, _, body = self.call(address, "POST", path, json.dumps(self.request(data=self.image.tolist())), {"Content-Type": "application/json"})
        self.assertEqual(status, 200, body)
        answer = json.loads(body)
        self.assertEqual((answer["model_name"], answer["id"]), ("digits_cnn", "7"))
        output, = answer["outputs"]
        self.assertEqual((output["name"], output["datatype"], output["shape"]), ("probabilities", "FP32", [1, 10]))
        probabilities = numpy.array(output["data"], dtype=numpy.float32)

        text = json.dumps(self.request(parameters={"binary_data_size": self.image.nbytes}) | {"parameters": {"binary_data_output": True}}).encode()
        status, header, body = self.call(address, "POST", path, text + self.image.tobytes(), {"Inference-Header-Content-Length": str(len(text))})
        self.assertEqual(status, 200, body)
        length = int(header["Inference-Header-Content-Length"])
        self.assertEqual(json.loads(body[:length])["outputs"][0]["parameters"], {"binary_data_size": 40})
        self.assertEqual(body[length:], probabilities.tobytes())
        return probabilities

    def expected(self):
        numpy.save(self.folder / "image.npy", self.image)
        self.succeed("infer", DIGITS, "--input", "image=image.npy", "--out", "answer")
        return numpy.load(self.folder / "answer/probabilities.npy").reshape(-1)

    def check_interrupted(self, process):
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.running.remove(process)
        self.assertEqual((process.returncode, err), (0, ""))


class Answers(Service):
    def test_a_whole_model(self):
        address, path = self.start(DIGITS, "--http", "127.0.0.1:0", "--engine", "reference")
        self.assertEqual(path, "/v2/models/digits_cnn/infer")
        numpy.testing.assert_array_equal(self.infer(address, path), self.expected())
        status, _, body = self.call(address, "GET", "/v2/models/digits_cnn")
        self.assertEqual((status, json.loads(body)["inputs"]), (200, [{"name": "image", "datatype": "FP32", "shape": [1, 1, 28, 28]}]))
        status, header, body = self.call(address, "GET", "/metrics")
        self.assertEqual((status, header["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertIn(b'\noffcut_inference_requests_total{model="digits_cnn",outcome="answered"} 2\n', body)
        self.check_interrupted(self.running[0])

    def test_a_split_model_gives_the_same_bits(self):
        self.succeed("split", DIGITS, "--cut", "pool1", "--out", "parts")
        tier, = self.start("parts/1-cloud.onnx", "--listen", "127.0.0.1:0", "--engine", "reference", until=r"listening on (\S+)$")
        address, path = self.start("parts/0-device.onnx", "--to", tier, "--http", "127.0.0.1:0", "--http-model", "digits_cnn", "--engine", "reference",
                                   "--http-timeout", "2 s")
        numpy.testing.assert_array_equal(self.infer(address, path), self.expected())
        self.running[0].kill()  # Without the cloud nobody can go on.
        self.running[0].wait()
        status, _, body = self.call(address, "POST", path, json.dumps(self.request(data=self.image.tolist())))
        self.assertEqual(status, 503, body)

    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_curl_sends_a_large_body(self):
        address, path = self.start(DIGITS, "--http", "127.0.0.1:0", "--token", "secret")
        (self.folder / "body.json").write_text(json.dumps(self.request(data=self.image.astype(float).tolist()), indent=8), encoding="utf-8")

        def curl(*arguments):
            return subprocess.run(["curl", "-s", "-H", "Content-Type: application/json", "-H", "Expect: 100-continue", "-w", " %{http_code}", *arguments,
                                   "--data-binary", "@body.json", f"http://{address}{path}"], cwd=self.folder, capture_output=True, text=True, timeout=60, check=True).stdout

        self.assertRegex(curl("-H", "Authorization: Bearer secret"), r'^\{"model_name":"digits_cnn".*\} 200$')
        self.assertRegex(curl(), r'^\{"error":"expected the header field .*"\} 401$')


class Errors(Service):
    def test_options(self):
        for arguments, text in [
                (["--http", "0.0.0.0:8000"], "--http: error: others can reach 0.0.0.0:8000: expected a --token"),
                (["--http", "127.0.0.1"], "--http: error: the port is missing"),
                (["--http", "127.0.0.1:0", "--http-max-body", "5 m"], "--http-max-body: error: "),
                (["--http", "127.0.0.1:0", "--http-timeout", "0 s"], "--http-timeout: error: expected a time from "),
                (["--http", "127.0.0.1:0", "--http-calls", "0"], "--http-calls: error: expected 1 to 100000, got 0"),
                (["--http", "127.0.0.1:0", "--token", "a b"], "--token: error: with --http, expected ")]:
            result = subprocess.run([PROGRAM, "serve", DIGITS, *arguments], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
            self.assertIn(text, result.stderr)

    def test_an_address_in_use(self):
        address, _ = self.start(DIGITS, "--http", "127.0.0.1:0")
        result = subprocess.run([PROGRAM, "serve", DIGITS, "--http", address], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--http: error: can't listen: Address already in use", result.stderr)


if __name__ == "__main__":
    unittest.main()
