// The keys of a device that say how its software computes: precisions, runtimes, and the terms of
// the cost model that few devices have.

#include "sim/scenario/catalogue.h"
#include "sim/scenario/device_software.h"

namespace offcut::scenario {
namespace {

constexpr Bounds kKernelTime{.least = 0, .most = 1e6};  // Beyond 11 days, the unit is wrong.

constexpr std::string_view kOfDevice = "that of the device";

constexpr KeySpec kStep[] = {
    {.name = "convolution",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = "that of `is`, or 0 s",
     .doc = "The time of a term of a convolution's sums.",
     .example = "step: {convolution: 30 ns, dense: 11 ns}"},
    {.name = "dense",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = "that of `is`, or 0 s",
     .doc = "The time of a term of a matrix product's sums.",
     .example = "step: {convolution: 30 ns, dense: 11 ns}"},
    {.name = "split-rows",
     .kind = ValueKind::number,
     .bounds = {0, 1e6},
     .absent = "that of `is`, or 0: sums are not split",
     .doc = "The rows of a matrix product below which idle cores share its sums: with R rows, R / "
            "(R + split-rows) of the terms are added one after the other.",
     .example = "step: {convolution: 30 ns, dense: 26 ns, split-rows: 32}"},
};

constexpr KeyTable kStepKeys{.doc = "The time of a term of a sum.", .keys = kStep};

constexpr KeySpec kOverheads[] = {
    {.name = "normalization",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = "that of `is`, or `layer-overhead`",
     .doc = "The overhead of a batch normalization that is a kernel by itself, and of pooling over "
            "whole channels.",
     .example = "overheads: {normalization: 6 us, pooling: 19 us}"},
    {.name = "pooling",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = "that of `is`, or `layer-overhead`",
     .doc = "The overhead of a pooling layer.",
     .example = "overheads: {normalization: 6 us, pooling: 19 us}"},
    {.name = "winograd",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = "that of `is`, or `layer-overhead`",
     .doc = "The overhead of a 3x3 convolution on tiles (`winograd-tile`), which transforms its "
            "input, multiplies and transforms the result back.",
     .example = "overheads: {winograd: 150 us}"},
};

constexpr KeyTable kOverheadsKeys{.doc = "The overheads of some kinds of kernels.",
                                  .keys = kOverheads};

constexpr KeySpec kPrecision[] = {
    {.name = "about",
     .kind = ValueKind::text,
     .absent = kOfDevice,
     .doc = "A description.",
     .example = "about: tensor cores"},
    {.name = "peak",
     .kind = ValueKind::number,
     .dimension = Dimension::speed,
     .bounds = {.least = 1e-3},
     .absent = kOfDevice,
     .doc = "The most operations per second in this precision.",
     .example = "precisions: {fp16: {peak: 989 TFLOP/s}}"},
    {.name = "element",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = {.least = 1e-3, .most = 1e3},
     .absent = "4 B for fp32 and tf32, 2 B for fp16 and bf16, 1 B for int8",
     .doc = "The size of what is a float32 in the network.",
     .example = "element: 2 B"},
    {.name = "efficiency",
     .below = &kEfficiencyKeys,
     .absent = kOfDevice,
     .doc = "The shares of its peaks that the device reaches in this precision.",
     .example = "precisions: {fp16: {efficiency: {convolution: 0.6}}}"},
    {.name = "layer-overhead",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = kOfDevice,
     .doc = "The overhead of every kernel in this precision.",
     .example = "precisions: {fp16: {layer-overhead: 2 us}}"},
    {.name = "step",
     .below = &kStepKeys,
     .absent = kOfDevice,
     .doc = "The time of a term of a sum in this precision.",
     .example = "precisions: {fp16: {step: {convolution: 2 ns}}}"},
    {.name = "overheads",
     .below = &kOverheadsKeys,
     .absent = kOfDevice,
     .doc = "The overheads of some kinds of kernels in this precision.",
     .example = "precisions: {fp16: {overheads: {pooling: 19 us}}}"},
    {.name = "calibration",
     .below = &kCalibrationKeys,
     .absent = "a datasheet alone",
     .doc = "The accuracy of the figures of this precision.",
     .example = "precisions: {fp16: {calibration: {models: 6, median-error: 9 %}}}"},
};
constexpr KeyTable kPrecisionKeys{
    .doc = "The differences of this precision. A tier chooses it by `precision`.",
    .keys = kPrecision};
constexpr KeySpec kPrecisionNames[] = {
    {.name = "PRECISION",
     .below = &kPrecisionKeys,
     .doc = "A precision: fp32, tf32, bf16, fp16 or int8.",
     .example = "precisions: {fp16: {peak: 989 TFLOP/s}}"},
};

constexpr KeyTable kPrecisionsKeys{
    .doc = "Other precisions of the device.", .keys = kPrecisionNames, .names_are_chosen = true};

constexpr KeySpec kRuntime[] = {
    {.name = "fuses",
     .kind = ValueKind::choice,
     .choices = "activations, biases, nothing",
     .noun = "kind of fusion",
     .absent = kOfDevice,
     .doc = "The layers that the kernel of a convolution or product also computes.",
     .example = "runtimes: {eager: {fuses: nothing}}"},
    {.name = "composites",
     .kind = ValueKind::choice,
     .choices = "separate, merged",
     .noun = "treatment of composites",
     .absent = kOfDevice,
     .doc = "Whether attention, layer normalization and activations that are written as several "
            "layers are a kernel each.",
     .example = "runtimes: {eager: {composites: merged}}"},
    {.name = "invocation",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = kOfDevice,
     .doc = "The time of a call before its first kernel.",
     .example = "runtimes: {graph: {invocation: 25 us}}"},
    {.name = "issue",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = kOfDevice,
     .doc = "The time in which the host issues a kernel, ahead of the device.",
     .example = "runtimes: {eager: {issue: 24 us}}"},
};
constexpr KeyTable kRuntimeKeys{.doc =
                                    "The differences of this runtime. A tier chooses it by "
                                    "`runtime`.",
                                .keys = kRuntime};
constexpr KeySpec kRuntimes[] = {
    {.name = "RUNTIME",
     .below = &kRuntimeKeys,
     .doc = "A runtime with the efficiencies of the device.",
     .example = "runtimes: {eager: {issue: 24 us}}"},
};

constexpr KeyTable kRuntimesKeys{
    .doc = "Other runtimes of the device.", .keys = kRuntimes, .names_are_chosen = true};

constexpr KeySpec kSoftware[] = {
    {.name = "precision",
     .kind = ValueKind::name,
     .noun = "precision",
     .lists = Lists::also,
     .absent = "that of `is`, or fp32",
     .doc = "Beside `is`: one of the precisions of that device, or a list from which the "
            "algorithm `codec-aware` chooses (docs/compression.md). Of a device with figures of "
            "its own: the precision of these figures: fp32, tf32, bf16, fp16 or int8. The real "
            "math of the layers on a tier of int8 is that of integers.",
     .example = "edge: {is: h100, precision: fp16}"},
    {.name = "element",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = {.least = 1e-3, .most = 1e3},
     .absent = "4 B for fp32 and tf32, 2 B for fp16 and bf16, 1 B for int8",
     .doc = "The size of what is a float32 in the network: weights and tensors take as many bytes "
            "on the way to and from the memory.",
     .example = "element: 2 B"},
    {.name = "step",
     .below = &kStepKeys,
     .absent = "that of `is`, or 0 s",
     .doc =
         "The time of a term of a sum: each element of a convolution or product is a sum of "
         "terms that are added one after the other, however many cores are idle. Convolutions on "
         "tiles (`winograd-tile`) sum over channels alone: a ninth of the terms.",
     .example = "step: {convolution: 30 ns, dense: 11 ns}"},
    {.name = "overheads",
     .below = &kOverheadsKeys,
     .absent = "those of `is`, or `layer-overhead`",
     .doc = "The overheads of some kinds of kernels in place of `layer-overhead`.",
     .example = "overheads: {normalization: 6 us, pooling: 19 us}"},
    {.name = "narrow",
     .kind = ValueKind::number,
     .bounds = {0, 1e4},
     .absent = "that of `is`, or 0",
     .doc = "The number of channels at which a convolution reaches half of its efficiency: with N "
            "output channels and sums of K terms, it reaches N / (N + narrow) * K / (K + narrow).",
     .example = "narrow: 16"},
    {.name = "winograd-tile",
     .kind = ValueKind::whole,
     .bounds = {0, 64},
     .absent = "that of `is`, or 0: no tiles",
     .doc = "The side of the tiles of output places that 3x3 convolutions of stride 1 compute as "
            "a whole: with tiles of 6, an image of 7x7 takes as long as one of 12x12.",
     .example = "winograd-tile: 6"},
    {.name = "runtime",
     .kind = ValueKind::name,
     .noun = "runtime",
     .absent = "that of `is`, or not stated",
     .doc = "Beside `is`: one of the runtimes of that device. Of a device with figures of its own: "
            "the software with which it reaches them.",
     .example = "edge: {is: h100, runtime: eager}"},
    {.name = "fuses",
     .kind = ValueKind::choice,
     .choices = "activations, biases, nothing",
     .noun = "kind of fusion",
     .absent = "that of `is`, or `activations`",
     .doc = "The layers that the kernel of a convolution or product also computes: the elementwise "
            "layers and batch normalizations after it, its bias alone, or nothing; then a "
            "convolution's bias is a kernel that reads and writes the output.",
     .example = "fuses: nothing"},
    {.name = "composites",
     .kind = ValueKind::choice,
     .choices = "separate, merged",
     .noun = "treatment of composites",
     .absent = "that of `is`, or `separate`",
     .doc = "Whether attention, layer normalization, products with a bias, and activations (SiLU, "
            "HardSwish, GELU) that are written as several layers are a kernel each.",
     .example = "composites: merged"},
    {.name = "invocation",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = "that of `is`, or 0 s",
     .doc = "The time of a call before its first kernel, whose layer is charged with it.",
     .example = "invocation: 25 us"},
    {.name = "issue",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kKernelTime,
     .absent = "that of `is`, or 0 s",
     .doc = "The time in which the host issues a kernel, ahead of the device, which computes the "
            "kernels in this order. The time of a layer is what it adds to the end of the call.",
     .example = "issue: 24 us"},
    {.name = "precisions",
     .below = &kPrecisionsKeys,
     .absent = "none",
     .doc = "Other precisions of the device.",
     .example = "precisions: {fp16: {peak: 989 TFLOP/s}}"},
    {.name = "runtimes",
     .below = &kRuntimesKeys,
     .absent = "none",
     .doc = "Other runtimes with the same efficiencies.",
     .example = "runtimes: {eager: {issue: 24 us}}"},
};

}  // namespace

constinit const KeyTable kSoftwareKeys{.doc = "How the device's software computes.",
                                       .keys = kSoftware,
                                       .title = "Software of a device"};

}  // namespace offcut::scenario
