// The keys of the accuracy of a device's figures: with each of its runtimes, and for which work.

#include "sim/scenario/catalogue.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kFittedRange[] = {
    {.name = "least-macs",
     .kind = ValueKind::number,
     .doc = "The multiply-accumulates of the lightest network, for one input.",
     .example = "range: {least-macs: 3e8, most-macs: 4e9, least-batch: 1, most-batch: 8}"},
    {.name = "most-macs",
     .kind = ValueKind::number,
     .doc = "Those of the heaviest network.",
     .example = "range: {least-macs: 3e8, most-macs: 4e9, least-batch: 1, most-batch: 8}"},
    {.name = "least-batch",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .doc = "The smallest batch that was measured.",
     .example = "range: {least-macs: 3e8, most-macs: 4e9, least-batch: 1, most-batch: 8}"},
    {.name = "most-batch",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .doc = "The largest one.",
     .example = "range: {least-macs: 3e8, most-macs: 4e9, least-batch: 1, most-batch: 8}"},
};
constexpr KeyTable kFittedRangeKeys{.doc = "The work of the networks to which a device is fitted.",
                                    .keys = kFittedRange};

constexpr KeySpec kRuntimeErrors[] = {
    {.name = "models",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .doc = "The number of networks that were measured with this runtime.",
     .example = "eager: {models: 9, median-error: 11 %}"},
    {.name = "median-error",
     .kind = ValueKind::number,
     .bounds = {0, 1e6},
     .absent = "unknown",
     .doc = "The median of their relative errors.",
     .example = "eager: {models: 9, median-error: 11 %}"},
    {.name = "worst-error",
     .kind = ValueKind::number,
     .bounds = {0, 1e6},
     .absent = "unknown",
     .doc = "The largest of these errors.",
     .example = "eager: {models: 9, median-error: 11 %, worst-error: 34 %}"},
};
constexpr KeyTable kRuntimeErrorsKeys{.doc = "The accuracy of the figures with this runtime.",
                                      .keys = kRuntimeErrors};
constexpr KeySpec kErrorsByRuntime[] = {
    {.name = "RUNTIME",
     .below = &kRuntimeErrorsKeys,
     .doc = "One of the device's other `runtimes`.",
     .example = "runtimes: {eager: {models: 9, median-error: 11 %}}"},
};
constexpr KeyTable kErrorsByRuntimeKeys{.doc = "The accuracy with other runtimes of the device.",
                                        .keys = kErrorsByRuntime,
                                        .names_are_chosen = true};

constexpr KeySpec kCalibration[] = {
    {.name = "models",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .doc = "The number of measured networks to which the efficiencies are fitted.",
     .example = "calibration: {models: 6}"},
    {.name = "median-error",
     .kind = ValueKind::number,
     .bounds = {0, 1e6},
     .absent = "unknown",
     .doc = "The median of the relative errors of the networks, each predicted from a fit to the "
            "others.",
     .example = "calibration: {models: 6, median-error: 17 %}"},
    {.name = "worst-error",
     .kind = ValueKind::number,
     .bounds = {0, 1e6},
     .absent = "unknown",
     .doc = "The largest of these errors.",
     .example = "calibration: {models: 6, worst-error: 43 %}"},
    {.name = "range",
     .below = &kFittedRangeKeys,
     .absent = "not stated",
     .doc = "The work of these networks. A note says which networks and batches of a scenario lie "
            "outside, where the figures are extrapolated.",
     .example = "calibration: {models: 6, range: {least-macs: 3e8, most-macs: 4e9, least-batch: 1, "
                "most-batch: 8}}"},
    {.name = "runtimes",
     .below = &kErrorsByRuntimeKeys,
     .absent = "the same errors",
     .doc = "The accuracy with other runtimes of the device.",
     .example = "calibration: {models: 9, runtimes: {eager: {models: 9, median-error: 11 %}}}"},
};

}  // namespace

constinit const KeyTable kCalibrationKeys{
    .doc = "The accuracy of a device's figures. `offcut list devices` shows it.",
    .keys = kCalibration};

}  // namespace offcut::scenario
