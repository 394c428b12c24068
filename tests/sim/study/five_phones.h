#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/scenario/read_scenario.h"
#include "sim/scenario/scenario.h"

namespace offcut::five_phones {

/// The contents of result files, by name.
using Files = std::map<std::string, std::string>;
/// The fields of a row, by column.
using Row = std::map<std::string, std::string>;

/// A layer table, net.csv, and a scenario that reads it: five phones use a third of their uplink's
/// capacity. There are noise, waits, and three algorithms to compare with, one of which declines.
extern const std::string kTable;
extern const std::string kScenario;

const scenario::Registries& registries();

/// Runs a scenario file into a new folder and returns the contents of the result files.
Files run(const std::string& scenario, const std::vector<scenario::Override>& overrides = {});

/// Runs a scenario of this text, with the layer table beside it.
Files run_text(const std::string& scenario);

/// Returns the rows of a CSV file, with fields by column.
std::vector<Row> rows(const std::string& text);

}  // namespace offcut::five_phones
