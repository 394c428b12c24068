// The columns of requests.csv. A run may write a million rows, so values are views and numbers.

#include "analysis/tables/request_table.h"

#include <array>

namespace offcut::analysis {
namespace {

constexpr auto kRequestColumns = std::to_array<Column<RequestRow>>({
    {"request", "", "The request's number, from 0 in order of arrival.",
     [](const RequestRow& row) { return row.request.request; }},
    {"device", "", "The number of the device that asked, from 0.",
     [](const RequestRow& row) { return row.request.device; }},
    {"outcome", "",
     "`completed`, `in flight` at the end of the run, or `dropped: ` and the reason.",
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
     "The time from arrival to answer, the sum of its parts. Like them, empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.latency()); }},
    {"device_wait_s", "s", "Waiting in the device's queue. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.device_wait); }},
    {"device_compute_s", "s", "Computing on the device. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.device_compute); }},
    {"upload_wait_s", "s",
     "Waiting until the device had sent its earlier messages. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.upload_wait); }},
    {"upload_s", "s", "Transmission over all hops outward. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.upload); }},
    {"server_wait_s", "s",
     "Waiting on all later tiers, also for models to be loaded. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.server_wait); }},
    {"server_compute_s", "s", "Computing on all later tiers. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.server_compute); }},
    {"download_s", "s", "The answer's way back to the device. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.download); }},
    {"upload_bytes", "bytes",
     "The size of the message that the device sent. Empty without an answer, and for a request "
     "that fell back.",
     [](const RequestRow& row) {
       return row.messages ? std::optional(row.messages->up) : std::nullopt;
     }},
    {"download_bytes", "bytes",
     "The size of the answer that the device received. Empty like `upload_bytes`.",
     [](const RequestRow& row) {
       return row.messages ? std::optional(row.messages->down) : std::nullopt;
     }},
    {"input", "", "The number of the input in the data set. Empty unless its math ran.",
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
     "The time that failures cost: attempts that were lost, and the waiting before the next one. "
     "With it, the parts of an answer's latency add up.",
     [](const RequestRow& row) { return row.request.lost; }},
    {"failures", "", "Attempts to send or compute it that failed.",
     [](const RequestRow& row) { return row.request.failures; }},
    {"fell_back", "",
     "1 if the device computed it alone, after a failure or a rejection; otherwise 0.",
     [](const RequestRow& row) { return row.request.fell_back; }},
});

constexpr ColumnTable<RequestRow> kRequestTable{
    "requests.csv", "A row per request of the chosen plan's run, in the order in which they ended.",
    kRequestColumns};

}  // namespace

const ColumnTable<RequestRow>& request_table() { return kRequestTable; }

}  // namespace offcut::analysis
