#!/usr/bin/env python3
"""Makes the pages of a run, of a sweep, and of a run with hostile names, and has browser_test.mjs look at them in Chromium. Arguments:
the folder of the results, and of Playwright. Returns 77, which ctest shows as skipped, where there is no browser, no npm, or no
registry."""
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
HOSTILE = "</script><script>window.hurt = 1</script> \"two\" 'one' & \u2028<img src=x onerror='window.hurt = 1'>"
TABLE = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s
image,,1000,0,0,0,0
<script>window.hurt=1</script>,image,100,0,1000,0.01,0.001
"fc ""1"" '</script>'",<script>window.hurt=1</script>,10,0,1000,0.01,0.001
"""
SCENARIO = f"""\
offcut: 1
name: {json.dumps(HOSTILE)}
stop: {{requests: 100}}
model: {{layers: layers.csv}}
tiers:
  device: {{is: "column:phone", count: 3, power: {{busy: 5 W, idle: 1 W}}}}
  cloud: {{is: "column:server"}}
network:
  device-cloud: {{up: 1 Mbit/s, down: 1 Mbit/s, latency: 10 ms}}
plan: {{algorithm: cloud-only, compare: [device-only]}}
workload: {{arrivals: poisson, rate: 5 /s}}
"""
SWEEP = """\
base: scenario.yaml
vary:
  workload.rate: [1, 5, 2000] /s
  network.device-cloud.latency: [10, 20] ms
compare:
  far: {plan.algorithm: cloud-only}
  near: {plan.algorithm: device-only}
replications: 2
figures: [latency_mean_s]
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def install(folder):
    """Installs Playwright, once, from the registry that npm is set up for."""
    for program in ("node", "npm", "chromium"):
        if shutil.which(program) is None:
            skip(f"there is no {program} (Debian: {'nodejs' if program == 'node' else program})")
    folder.mkdir(parents=True, exist_ok=True)
    names = ["package.json", "package-lock.json"]
    if (folder / "node_modules/playwright-core").exists() and all(
            (folder / name).exists() and (folder / name).read_bytes() == (HERE / name).read_bytes() for name in names):
        return
    for name in names:
        shutil.copy(HERE / name, folder)
    try:
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=1"], cwd=folder, capture_output=True, text=True, timeout=120,
                              check=False)
    except subprocess.TimeoutExpired:
        skip("npm's registry does not answer")
    if done.returncode != 0:
        skip(f"npm can't install Playwright: {done.stderr.strip().splitlines()[-1:]}")


def offcut(*arguments, cwd=SOURCE):
    done = subprocess.run([os.environ["OFFCUT"], *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)
    if "built without d3" in done.stderr:
        skip("the program was built without d3")
    if done.returncode != 0:
        sys.exit(f"offcut {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main():
    work, playwright = map(pathlib.Path, sys.argv[1:3])
    install(playwright)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "layers.csv").write_text(TABLE, encoding="utf-8")
    (work / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (work / "sweep.yaml").write_text(SWEEP, encoding="utf-8")
    offcut("run", "scenarios/quickstart.yaml", "--html", "--out", work / "run", "--set", "stop.requests=2000", "--set", "output.requests=all",
           "--set", "output.series={interval: 100 ms}")
    offcut("run", "scenario.yaml", "--html", "--out", "hostile", cwd=work)
    offcut("sweep", "sweep.yaml", "--html", "--out", "sweep", "-j", "1", cwd=work)
    notes = [["cloud-only", "of both"], ["device-only", "of both"], ["device-only", "its own"]]
    (work / "notes").mkdir()
    (work / "notes/report.html").write_text(
        re.sub(r'"notes":.*?,"tiers"', lambda _: f'"notes":{json.dumps(notes)},"tiers"', (work / "hostile/report.html").read_text(encoding="utf-8")),
        encoding="utf-8")
    tables = {name: rows(work / f"run/{name}.csv") for name in ("summary", "plan", "energy", "tiers", "series")}
    latencies = {}
    for row in rows(work / "run/requests.csv"):
        if row["latency_s"]:
            latencies.setdefault(row["algorithm"], []).append(float(row["latency_s"]))
    expected = {**tables, "latencies": {name: sorted(values) for name, values in latencies.items()}, "points": rows(work / "sweep/points.csv"),
                "hostile": {"title": HOSTILE, "layers": [row["layer"] for row in rows(work / "hostile/plan.csv")][:2]}}
    (work / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    sys.exit(subprocess.run(["node", "--test", HERE / "browser_test.mjs"], check=False,
                            env={**os.environ, "WORK": str(work.resolve()), "PLAYWRIGHT": str(playwright.resolve())}).returncode)


if __name__ == "__main__":
    main()
