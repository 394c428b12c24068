"""Converts runs request by request, as CSV files of another tool, into folders as `offcut serve` measures them."""
import csv
import json
import pathlib

COLUMNS = ["request", "outcome", "arrival_s", "completion_s", "latency_s", "device.start_s", "device.end_s", "server.first_byte_s",
           "server.last_byte_s", "server.start_s", "server.end_s"]


def convert(path, folder, layers, load):
    """Writes the requests of PATH (seconds of one clock: arrival, head_start, ..., done) into FOLDER. `layers` are those of each tier."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda row: float(row["arrival"]))
    first = float(rows[0]["arrival"])
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    with open(folder / "requests.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for number, row in enumerate(rows):
            times = [float(row[name]) - first for name in ["arrival", "done", "head_start", "head_end", "srv_first", "srv_last",
                                                           "tail_start", "tail_end"]]
            arrival, done, *rest = times
            out.writerow([number, "completed", *[f"{time:.9f}" for time in [arrival, done, done - arrival, *rest]]])
    description = {"format": "offcut-measured", "version": 1, "model": "alexnet", "load": load,
                   "kind": "closed" if load == "closed" else "open",
                   "tiers": [{"name": "device"}, {"name": "server"}], "hops": ["device-server"],
                   "cuts": [{"number": 0, "layers": layers, "codec": ""}]}
    (folder / "measured.json").write_text(json.dumps(description), encoding="utf-8")
