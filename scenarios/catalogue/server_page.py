"""The part of docs/devices.md on server GPUs, with the errors of h100_fit.csv."""

import csv
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FORMS = [
    ("graph", ("none", "separate"), "graph"), ("graph", ("folded",), "graph, normalization folded"),
    ("eager", ("none", "separate"), "eager"),
]  # fmt: skip
# Errors of the entry before, which had no kernels for biases, on the same latencies, which its fit had seen.
BEFORE = {
    ("fp32", "graph"): "9 / 26 / 53 %", ("fp32", "graph, normalization folded"): "16 / 20 / 23 %",
    ("fp32", "eager"): "9 / 30 / 60 %", ("fp16", "graph"): "12 / 55 / 79 %",
    ("fp16", "graph, normalization folded"): "25 / 32 / 34 %", ("fp16", "eager"): "12 / 65 / 79 %",
}  # fmt: skip
OUTLIER = "alexnet"  # the only network with groups and local response normalization


def spread(rows, column):
    off = np.array([abs(float(row[column]) / float(row["latency_s"]) - 1) for row in rows])
    return " / ".join(f"{100 * error:.0f}" for error in [np.median(off), np.quantile(off, 0.9), max(off)]) + " %"


def form_row(rows, precision, runtime, forms, label):
    own = [row for row in rows
           if (row["precision"], row["runtime"]) == (precision, runtime) and row["normalization"] in forms]  # fmt: skip
    others = [row for row in own if row["model"] != OUTLIER]
    cells = [f"{precision}, {label}", str(len(own)), BEFORE[precision, label], spread(own, "fitted_s"),
             spread(own, "left_out_s"), spread(others, "left_out_s")]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def model_row(rows, model):
    cells = [model]
    for precision in ["fp32", "fp16"]:
        for runtime in ["graph", "eager"]:
            ratios = [float(row["left_out_s"]) / float(row["latency_s"]) for row in rows
                      if (row["model"], row["precision"], row["runtime"]) == (model, precision, runtime)]  # fmt: skip
            cells.append(f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    return "| " + " | ".join(cells) + " |"


def batch_row(rows, batch):
    cells = [str(batch)]
    for precision in ["fp32", "fp16"]:
        own = [row for row in rows if (row["precision"], row["runtime"], row["batch"]) == (precision, "graph", str(batch))]
        cells += [spread(own, "left_out_s"), spread([row for row in own if row["model"] != OUTLIER], "left_out_s")]
    return "| " + " | ".join(cells) + " |"


def section():
    with open(HERE / "h100_fit.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return PAGE.format(
        forms="\n".join(form_row(rows, precision, *form) for precision in ["fp32", "fp16"] for form in FORMS),
        models="\n".join(model_row(rows, model) for model in sorted({row["model"] for row in rows})),
        batches="\n".join(batch_row(rows, 2**power) for power in range(8)),
    )


PAGE = """## Server GPUs

`h100` has an entry per precision and two runtimes of PyTorch: `graph` replays a CUDA graph, `eager`
issues one operator after another. `scenarios/catalogue/fit_h100.py` fits its figures to the
latencies of `h100_measured.csv` and the times of kernels of `h100_kernels.csv`, which were measured
on one card. The table has |predicted / measured - 1| (median / 90 % / worst): of the entry before,
which had been fitted to these networks; with all networks in the fit; and from fits that have seen
neither latencies nor kernels of the network. The last column leaves out `alexnet`, the only network
with local response normalization and convolutions with groups: a fit without it knows nothing of
them.

| precision, runtime | latencies | before | in the fit | not in the fit | without alexnet |
| --- | --- | --- | --- | --- | --- |
{forms}

Graphs by batch, not in the fit:

| batch | fp32 | without alexnet | fp16 | without alexnet |
| --- | --- | --- | --- | --- |
{batches}

Predicted / measured by network, not in the fit, median and range over batches of 1 to 128:

| model | fp32, graph | fp32, eager | fp16, graph | fp16, eager |
| --- | --- | --- | --- | --- |
{models}

Operator by operator, small batches wait for the host, which was not steady: gpt2 with 64 tokens
took 8.5 ms in fp16 and 5.0 ms in fp32, and with 128 tokens 4.9 and 8.1 ms. No form predicts that.

Eight other networks were compared with the entry before, once: median 8 % and 9 % as graphs in fp32
and fp16, 14 % and 15 % as eager, worst 46 % and 57 % (bert-base, whose graph ran slower than its
operators one by one; 32 % and 31 % without it). They were not compared again.

The terms of the form, and their gains (networks that are not in the fit, as graphs):

* The bias of a convolution is a kernel of its own (`fuses: nothing`), as the kernel lists of vgg16
  and vit-b16 show. Where normalization is folded into the weights, every convolution has a bias.
  With the figures before, this alone takes the median error of folded networks from 16 to 4 % in
  fp32, and from 25 to 6 % in fp16.
* Products of few rows split their sums among idle cores (`split-rows`). Without it, a step is
  either too short for 200 rows or too long for one: worst error 38 % in place of 30 % in fp32.
* GPT-2's GELU, in its form with tanh, is eight kernels: the model writes it out. As one kernel,
  gpt2 comes out at 0.6 in fp16, and its eager calls have too few operators (worst error 59 % in
  place of 34 %). In fp32, one kernel would fit better (median 8 % in place of 10 %).
* Normalization has a share of the bandwidth of its own: fp32 11 to 10 %, fp16 equal.
* Products with an odd number of columns have a share of their own in fp16 (`odd-dense`): gpt2's
  last one has 50,257 columns. The times of single products keep the share of the others in place:
  without them, a fit without vit-b16 was off by 65 %.
* Pooling over whole channels is a reduction and has the figures of normalization: in fp16 at batch
  1 it takes 8 us in resnet50, and pooling with a window 19 us. Errors of these networks are equal
  within 1 %, but networks with squeeze and excitation have one in each block.
* Residuals beyond 10 % count by their size, not by its square: fp16, 90 % of the errors below 27 %
  in place of 31 %.

Tried and left out (median / worst, not in the fit, fp32 and fp16 as graphs; the form with
least squares has 10 / 26 % and 10 / 59 %):

* A share of its own for 3x3 convolutions: 12 / 36 % and 10 / 60 %, and folded networks up to 34 %.
* A share for windows beyond 1x1 and 3x3: 12 / 35 % and 11 / 51 %.
* A share for attention: 11 / 30 % and 10 / 59 % (11 / 30 % and 10 / 59 % without).
* Work that grows for small outputs, by 1 + tile / (rows * columns): 12 / 29 % and 15 / 59 %.
* Traffic and work one after the other in place of the larger: 11 / 25 % and 12 / 57 %.
* Other shares of the bandwidth for biases, depthwise convolutions or products: equal within 1 %.
* Depthwise convolutions without a kernel for the bias: equal as graphs, folded networks 8 and 7 %
  in place of 5 and 4 %.
* Latencies alone, without times of kernels: equal as graphs, folded networks 11 and 7 %.

`a100` and `l4` have the efficiencies of `h100` and were not measured. The published tables of
batches below are of `t4` and `v100` under PyTorch, operator by operator, which their entries state.
`scenarios/catalogue/h100_predictions.csv` has the predictions of 16 networks for batches of 1 to
128.
"""
