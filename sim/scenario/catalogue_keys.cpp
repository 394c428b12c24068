// The keys of devices and links: in catalogue files, and in scenarios, where they may stand beside
// the name of a device or link of the catalogue, whose figures they change.

#include "sim/scenario/catalogue.h"
#include "sim/scenario/device_software.h"
#include "sim/scenario/sections/transport_section.h"

namespace offcut::scenario {
namespace {

constexpr Bounds kRate{.least = 1e-3};                // A time divided by it stays finite.
constexpr Bounds kShare{.least = 1e-6, .most = 100};  // Of a peak: with more, it is not a peak.
constexpr Bounds kTime{.least = 0, .most = 1e6};      // Beyond 11 days, the unit is wrong.

constexpr std::string_view kOfIs = "that of `is`, without which it is required";

constexpr KeySpec kEfficiency[] = {
    {.name = "convolution",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = kOfIs,
     .doc = "The share of `peak` that convolutions reach.",
     .example = "convolution: 0.3"},
    {.name = "convolution-3x3",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = "that of `is`, or else `convolution`",
     .doc = "The share of `peak` that convolutions of 3x3 and stride 1 reach, for which Winograd's "
            "algorithm is used. May exceed 1.",
     .example = "convolution-3x3: 1.8"},
    {.name = "depthwise-convolution",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = kOfIs,
     .doc = "The share of `peak` that depthwise convolutions reach.",
     .example = "depthwise-convolution: 0.2"},
    {.name = "dense",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = kOfIs,
     .doc = "The share of `peak` that matrix products reach.",
     .example = "dense: 0.4"},
    {.name = "memory",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = kOfIs,
     .doc = "The share of `memory-bandwidth` that all layers reach.",
     .example = "memory: 0.5"},
    {.name = "pooling",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = "that of `is`, or else `memory`",
     .doc = "The share of `memory-bandwidth` that pooling layers reach.",
     .example = "pooling: 0.2"},
    {.name = "grouped-convolution",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = "that of `is`, or else that of convolutions without groups",
     .doc =
         "The share of `peak` that convolutions with several groups reach, depthwise ones aside: "
         "some software computes them by a simple kernel.",
     .example = "grouped-convolution: 0.1"},
    {.name = "other-convolution",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = "that of `is`, or else `convolution`",
     .doc = "The share of `peak` that convolutions reach with other windows than 1x1 and 3x3, or "
            "with a stride.",
     .example = "other-convolution: 0.3"},
    {.name = "local-normalization",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = "that of `is`, or else `memory`",
     .doc = "The share of `memory-bandwidth` that local response normalizations (LRN) reach, which "
            "compute a power for each element.",
     .example = "local-normalization: 0.1"},
    {.name = "odd-dense",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = "that of `is`, or else `dense`",
     .doc = "The share of `peak` that matrix products with an odd number of columns reach: in half "
            "precision, tensor cores need rows that are aligned.",
     .example = "odd-dense: 0.1"},
    {.name = "normalization",
     .kind = ValueKind::number,
     .bounds = kShare,
     .absent = "that of `is`, or else `memory`, for pooling `pooling`",
     .doc = "The share of `memory-bandwidth` that batch and layer normalizations, softmax, and "
            "pooling over whole channels reach.",
     .example = "normalization: 0.6"},
};

constexpr KeySpec kPower[] = {
    {.name = "idle",
     .kind = ValueKind::number,
     .dimension = Dimension::power,
     .absent = "that of `is`, or unknown",
     .doc = "The power draw of the idle device. Energy needs it, be it 0 W.",
     .example = "idle: 2 W"},
    {.name = "busy",
     .kind = ValueKind::number,
     .dimension = Dimension::power,
     .absent = "that of `is`, or unknown",
     .doc = "The power draw of the device while all its cores compute; in between, it is linear in "
            "the share of busy cores. Energy needs it, be it 0 W.",
     .example = "busy: 6 W"},
    {.name = "pue",
     .kind = ValueKind::number,
     .bounds = {1, 100},
     .absent = "that of `is`, or 1",
     .doc = "The power usage effectiveness: the power of the site, cooling included, divided by "
            "that of its machines. A run counts it, a plan counts the device alone.",
     .example = "power: {idle: 70 W, busy: 300 W, pue: 1.4}"},
};
constexpr KeyTable kPowerKeys{.doc = "The power draw of the whole board or card.", .keys = kPower};

constexpr KeySpec kOnChip[] = {
    {.name = "memory",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .absent = kOfIs,
     .doc = "The size of the memory.",
     .example = "on-chip: {memory: 8 MB, link: 450 MB/s, weight: 1 B}"},
    {.name = "link",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = kRate,
     .absent = kOfIs,
     .doc = "The bandwidth at which the weights that do not fit come in for each request.",
     .example = "on-chip: {memory: 8 MB, link: 450 MB/s, weight: 1 B}"},
    {.name = "weight",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .absent = kOfIs,
     .doc = "The memory that one weight takes.",
     .example = "on-chip: {memory: 8 MB, link: 450 MB/s, weight: 1 B}"},
};
constexpr KeyTable kOnChipKeys{
    .doc = "An accelerator's own memory, which keeps weights from one request to the next.",
    .keys = kOnChip};

constexpr KeySpec kLevel[] = {
    {.name = "peak",
     .kind = ValueKind::number,
     .bounds = kShare,
     .doc = "The share of the device's `peak` at this clock.",
     .example = "frequencies: {640 MHz: {peak: 69.5 %, busy: 5 W}}"},
    {.name = "busy",
     .kind = ValueKind::number,
     .dimension = Dimension::power,
     .doc = "The power draw at this clock while the device computes.",
     .example = "frequencies: {640 MHz: {peak: 69.5 %, busy: 5 W}}"},
};
constexpr KeyTable kLevelKeys{.doc = "A clock.", .keys = kLevel};
constexpr KeySpec kFrequencies[] = {
    {.name = "LEVEL",
     .below = &kLevelKeys,
     .doc = "A clock, which `frequency` names.",
     .example = "frequencies: {640 MHz: {peak: 69.5 %, busy: 5 W}}"},
};
constexpr KeyTable kFrequenciesKeys{.doc = "The clocks to which a device can be set.",
                                    .keys = kFrequencies,
                                    .names_are_chosen = true};

constexpr KeySpec kDevice[] = {
    {.name = "about",
     .kind = ValueKind::text,
     .absent = "that of `is`, or empty",
     .doc = "A description, for `offcut list devices`.",
     .example = "about: development board"},
    {.name = "source",
     .kind = ValueKind::text,
     .absent = "that of `is`, or empty",
     .doc = "The sources of the figures.",
     .example = "source: datasheet"},
    {.name = "peak",
     .kind = ValueKind::number,
     .dimension = Dimension::speed,
     .bounds = kRate,
     .absent = kOfIs,
     .doc = "The most operations per second in the device's `precision`, float32 if it states "
            "none. A multiply-accumulate is two operations.",
     .example = "peak: 32 GFLOP/s"},
    {.name = "memory-bandwidth",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = kRate,
     .absent = kOfIs,
     .doc = "The highest bandwidth of the memory.",
     .example = "memory-bandwidth: 3.6 GB/s"},
    {.name = "memory",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .absent = kOfIs,
     .doc = "The memory for weights and tensors. `plan.limits.memory` limits plans to it, "
            "and the key `memory` of a scenario says what becomes of one that needs more.",
     .example = "memory: 512 MB"},
    {.name = "efficiency",
     .below = &kEfficiencyKeys,
     .absent = kOfIs,
     .doc = "The shares of its peaks that the device reaches.",
     .example = "efficiency: {convolution: 0.3, depthwise-convolution: 0.2, dense: 0.4, "
                "memory: 0.5}"},
    {.name = "layer-overhead",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTime,
     .absent = kOfIs,
     .doc = "The time that every kernel takes in addition, whatever its size.",
     .example = "layer-overhead: 5 us"},
    {.name = "launch",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTime,
     .absent = "that of `is`, or 0 s",
     .doc = "The time in which the host launches a kernel, while the device computes the one "
            "before: the least time of a kernel.",
     .example = "launch: 9 us"},
    {.name = "power",
     .below = &kPowerKeys,
     .absent = "that of `is`, or unknown",
     .doc = "The power draw.",
     .example = "power: {idle: 2 W, busy: 6 W}"},
    {.name = "on-chip",
     .below = &kOnChipKeys,
     .absent = "that of `is`, or none",
     .doc = "An accelerator's own memory.",
     .example = "on-chip: {memory: 8 MB, link: 450 MB/s, weight: 1 B}"},
    {.name = "frequencies",
     .below = &kFrequenciesKeys,
     .absent = "those of `is`, or none",
     .doc = "The clocks to which the device can be set.",
     .example = "frequencies: {640 MHz: {peak: 69.5 %, busy: 5 W}}"},
    {.name = "calibration",
     .below = &kCalibrationKeys,
     .absent = "that of `is`, or a datasheet alone",
     .doc = "The accuracy of the figures.",
     .example = "calibration: {models: 6, median-error: 17 %, worst-error: 43 %}"},
};

constexpr KeySpec kDevices[] = {
    {.name = "DEVICE",
     .below = &kDeviceKeys,
     .doc = "A device, which tiers name with `is`. It replaces one of that name.",
     .example = "devices: {my-board: {peak: 32 GFLOP/s, memory-bandwidth: 3.6 GB/s, memory: "
                "512 MB, efficiency: {convolution: 0.3, depthwise-convolution: 0.2, dense: 0.4, "
                "memory: 0.5}, layer-overhead: 5 us}}"},
};

constexpr KeySpec kPhase[] = {
    {.name = "time",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTime,
     .absent = "that of `is`, or 0 s",
     .doc = "The duration.",
     .example = "time: 582 ms"},
    {.name = "power",
     .kind = ValueKind::number,
     .dimension = Dimension::power,
     .absent = "that of `is`, or 0 W",
     .doc = "The power draw in that time.",
     .example = "power: 659 mW"},
};
constexpr KeyTable kPhaseKeys{.doc = "A state of the radio before or after it sends.",
                              .keys = kPhase};
constexpr KeySpec kRadio[] = {
    {.name = "per-mbit-up",
     .kind = ValueKind::number,
     .dimension = Dimension::power,
     .absent = kOfIs,
     .doc = "The power draw per Mbit/s that the device sends.",
     .example = "radio: {per-mbit-up: 438 mW, per-mbit-down: 52 mW, base: 1.3 W}"},
    {.name = "per-mbit-down",
     .kind = ValueKind::number,
     .dimension = Dimension::power,
     .absent = kOfIs,
     .doc = "The power draw per Mbit/s that the device receives.",
     .example = "radio: {per-mbit-up: 438 mW, per-mbit-down: 52 mW, base: 1.3 W}"},
    {.name = "base",
     .kind = ValueKind::number,
     .dimension = Dimension::power,
     .absent = kOfIs,
     .doc = "The power draw while the device sends or receives, in addition to that.",
     .example = "radio: {per-mbit-up: 438 mW, per-mbit-down: 52 mW, base: 1.3 W}"},
    {.name = "promotion",
     .below = &kPhaseKeys,
     .absent = "that of `is`, or none",
     .doc = "The time in which an idle radio wakes up before it sends. It delays the message.",
     .example = "radio: {per-mbit-up: 438 mW, per-mbit-down: 52 mW, base: 1.3 W, promotion: "
                "{time: 260 ms, power: 1.2 W}}"},
    {.name = "tail",
     .lists = Lists::also,
     .below = &kPhaseKeys,
     .absent = "that of `is`, or none",
     .doc = "The time for which the radio stays awake after the last byte; a list of several "
            "states, such as DCH and FACH of 3G. Until an answer is back, the radio stays in the "
            "first.",
     .example = "radio: {per-mbit-up: 438 mW, per-mbit-down: 52 mW, base: 1.3 W, tail: "
                "{time: 11.6 s, power: 1.1 W}}"},
};
constexpr KeyTable kRadioKeys{
    .doc =
        "The power draw of the device's radio, in addition to that of the idle device (Huang et "
        "al., MobiSys 2012).",
    .keys = kRadio};

constexpr KeySpec kLink[] = {
    {.name = "up",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = kRate,
     .absent = kOfIs,
     .doc = "The bandwidth away from the device.",
     .example = "up: 5.85 Mbit/s"},
    {.name = "down",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = kRate,
     .absent = kOfIs,
     .doc = "The bandwidth towards the device.",
     .example = "down: 13.8 Mbit/s"},
    {.name = "latency",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTime,
     .absent = kOfIs,
     .doc = "The latency of one way, without transmission: half of a ping.",
     .example = "latency: 35 ms"},
    {.name = "payload",
     .kind = ValueKind::number,
     .bounds = {1e-3, 1},
     .absent = "that of `is`, or 1",
     .doc = "The share of the bandwidths, and of those of a `site`, that carries messages; the "
            "rest is headers. TCP in Ethernet frames has 1448 of 1514 bytes.",
     .example = "payload: 0.956"},
    {.name = "per-message",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTime,
     .absent = "that of `is`, or 0 s",
     .doc = "A fixed time of each message, in either direction, for sockets and copies. It comes "
            "after the last bit has left, like the latency, and occupies neither a link nor a "
            "core.",
     .example = "per-message: 0.15 ms"},
    {.name = "transport",
     .kind = ValueKind::choice,
     .choices = "none, tcp",
     .noun = "transport",
     .below = &kTransportKeys,
     .absent = "that of `is`, or `none`",
     .doc = "The transport protocol. `none` sends a message in one go. `tcp` is TCP with the "
            "defaults of its settings.",
     .example = "transport: {tcp: {idle-restart: false}}"},
    {.name = "radio",
     .below = &kRadioKeys,
     .absent = "that of `is`, or unknown",
     .doc = "The power draw of the device's radio. Energy needs it, be it 0 W on a cable. Only of "
            "links that devices use.",
     .example = "radio: {per-mbit-up: 438 mW, per-mbit-down: 52 mW, base: 1.3 W}"},
    {.name = "basis",
     .kind = ValueKind::choice,
     .choices = "measured, published, assumed",
     .noun = "basis",
     .absent = "that of `is`, or `assumed`; with figures of its own always `assumed`",
     .doc = "The basis of the bandwidths: `measured` on the link itself, `published` for links of "
            "its kind, or `assumed`. Runs print it.",
     .example = "basis: measured"},
};

constexpr KeySpec kNamedLink[] = {
    {.name = "about",
     .kind = ValueKind::text,
     .absent = "empty",
     .doc = "A description, for `offcut list links`.",
     .example = "about: satellite"},
    {.name = "source",
     .kind = ValueKind::text,
     .absent = "empty",
     .doc = "The sources of the figures.",
     .example = "source: assumed"},
};
constexpr KeyTable kNamedLinkKeys{
    .doc = "A link with a name.", .keys = kNamedLink, .more = &kLinkKeys};
constexpr KeySpec kLinks[] = {
    {.name = "LINK",
     .below = &kNamedLinkKeys,
     .doc = "A link, which hops name with `is`. It replaces one of that name.",
     .example = "networks: {satellite: {up: 2 Mbit/s, down: 20 Mbit/s, latency: 300 ms}}"},
};

}  // namespace

constinit const KeyTable kEfficiencyKeys{
    .doc = "The shares of its peaks that a device reaches, its software included.",
    .keys = kEfficiency};
constinit const KeyTable kDeviceKeys{
    .doc = "The figures of a device. Beside `is`, they change those of the named device.",
    .keys = kDevice,
    .more = &kSoftwareKeys,
    .title = "Figures of a device"};
constinit const KeyTable kDevicesKeys{
    .doc = "Devices of the user's own, in addition to those of the catalogue.",
    .keys = kDevices,
    .names_are_chosen = true};
constinit const KeyTable kLinkKeys{
    .doc = "The figures of a link. Beside `is`, they change those of the named link.",
    .keys = kLink,
    .title = "Figures of a link"};
constinit const KeyTable kLinksKeys{
    .doc = "Links of the user's own, in addition to those of the catalogue.",
    .keys = kLinks,
    .names_are_chosen = true};

}  // namespace offcut::scenario
