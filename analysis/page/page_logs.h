#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace offcut::analysis {

/// Returns the distribution of latency of each plan in requests.csv: its `plan`, the number of
/// `answers`, and as many points of the distribution as a chart can show: `share` and `latency_s`.
/// All answers are points if there are few; else quantiles, of which the slowest hundredth has a
/// quarter. Each is the latency of an answer, and `share` the share of answers that took no longer.
/// `plan` names the requests of a file without a column `algorithm`. Throws as for_each_row() does.
nlohmann::ordered_json page_latencies(const std::string& path, const std::string& plan);

/// Returns series.csv by `where`: the number of `samples`, and `columns` by name, whose `mean` is
/// that of so many neighbours (`group`) that a chart can show them; columns of counts have the
/// greatest value of the neighbours, too (`most`). Values are null where the file has none. Throws
/// as above.
nlohmann::ordered_json page_series(const std::string& path);

}  // namespace offcut::analysis
