// The columns of requests.csv. A run may write a million rows, so values are views and numbers.

#include "analysis/tables/request_table.h"

#include <array>

namespace offcut::analysis {
namespace {

constexpr auto kRequestColumns = std::to_array<Column<RequestRow>>({
    {"request", "", "The number of the request, in order of arrival, from 0.",
     [](const RequestRow& row) { return row.request.request; }},
    {"device", "", "The number of the device that it arrived at, from 0.",
     [](const RequestRow& row) { return row.request.device; }},
    {"outcome", "",
     "`completed`, `in flight` if the run was stopped before it ended, or `dropped: ` and the "
     "reason.",
     [](const RequestRow& row) { return row.outcome; }},
    {"arrival_s", "s", "The time at which the request arrived.",
     [](const RequestRow& row) { return row.request.arrival; }},
    {"completion_s", "s",
     "The time at which it was answered or dropped. Empty for a request in flight.",
     [](const RequestRow& row) {
       return row.request.ending == engine::Ending::in_flight
                  ? std::nullopt
                  : std::optional(row.request.completion);
     }},
    {"latency_s", "s",
     "The time from arrival to answer: the sum of the next seven columns and `lost_s`. Empty "
     "without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.latency()); }},
    {"device_wait_s", "s", "The wait in the device's queue. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.device_wait); }},
    {"device_compute_s", "s", "The computing time on the device. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.device_compute); }},
    {"upload_wait_s", "s",
     "The wait until the device had sent its earlier messages. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.upload_wait); }},
    {"upload_s", "s", "The transmission time outward, over all hops. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.upload); }},
    {"server_wait_s", "s",
     "The wait in the queues of all later tiers, and for models to be loaded there. Empty without "
     "an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.server_wait); }},
    {"server_compute_s", "s", "The computing time on all later tiers. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.server_compute); }},
    {"download_s", "s",
     "The transmission time of the answer's way back to the device. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.download); }},
    {"upload_bytes", "bytes",
     "The size of the message that the device sent. Empty without an answer, and for a request "
     "that fell back.",
     [](const RequestRow& row) {
       return row.messages ? std::optional(row.messages->up) : std::nullopt;
     }},
    {"download_bytes", "bytes",
     "The size of the answer that the device received. Empty without an answer, and for a request "
     "that fell back.",
     [](const RequestRow& row) {
       return row.messages ? std::optional(row.messages->down) : std::nullopt;
     }},
    {"input", "", "The number of the input in the data set. Empty unless the math ran on it.",
     [](const RequestRow& row) {
       return row.prediction ? std::optional(row.prediction->input) : std::nullopt;
     }},
    {"label", "", "The true label. Empty unless the math ran on an input that has one.",
     [](const RequestRow& row) { return row.prediction ? row.prediction->label : std::nullopt; }},
    {"predicted", "", "The predicted label. Empty unless the math ran.",
     [](const RequestRow& row) {
       return row.prediction ? std::optional(row.prediction->predicted) : std::nullopt;
     }},
    {"class", "", "The class of the request; `all` if the scenario has no `classes`.",
     [](const RequestRow& row) { return row.class_name; }},
    {"lost_s", "s",
     "The time that failures cost the request: each attempt to send or compute it that was lost "
     "with its link or machine, the wait in a queue included, and the time until the next attempt, "
     "be it a back-off or the wait for the link or machine to come up. 0 without a failure.",
     [](const RequestRow& row) { return row.request.lost; }},
    {"failures", "",
     "The attempts to send or compute it that were lost because a link or machine went down.",
     [](const RequestRow& row) { return row.request.failures; }},
    {"fell_back", "",
     "1 if the device computed it alone after a failure or a rejection, otherwise 0.",
     [](const RequestRow& row) { return row.request.fell_back; }},
    {"device_compute_j", "J",
     "The energy that the device took to compute it, so far if it is in flight. Empty if its power "
     "draw is unknown.",
     [](const RequestRow& row) { return row.compute_energy; }},
    {"radio_j", "J",
     "The energy that the device's radio took for its messages: the promotion that they waited "
     "for, and their transfers as if they were alone on the air. Waiting and tails are in "
     "summary.csv and energy.csv, since requests share them. Empty if its power draw is unknown.",
     [](const RequestRow& row) { return row.radio_energy; }},
    {"device_energy_j", "J", "The sum of the last two columns. Empty if one of them is.",
     [](const RequestRow& row) { return row.device_energy(); }},
});

constexpr ColumnTable<RequestRow> kRequestTable{
    "requests.csv",
    "A row per request in the run of the chosen plan, in the order in which they ended.",
    kRequestColumns,
    "`analysis/tables/request_table.cpp`, from `RequestRecord` in `sim/engine/simulation.h`. "
    "Waiting and computing times are added up in `sim/engine/tiers/computing.cpp`; transmission "
    "times and `failures` in `sim/engine/simulate.cpp`; `lost_s` in `sim/engine/recovery.cpp`. "
    "Predictions come from `sim/runtime/inference.cpp`."};

}  // namespace

const ColumnTable<RequestRow>& request_table() { return kRequestTable; }

}  // namespace offcut::analysis
