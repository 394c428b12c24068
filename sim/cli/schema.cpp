// `offcut schema`: JSON Schemas for editors. Each kind of file is read by a table of keys, and its
// schema is made from that table.

#include <fmt/format.h>

#include <array>

#include "models/base/error.h"
#include "sim/cli/console.h"
#include "sim/cli/editing_commands.h"
#include "sim/scenario/catalogue.h"
#include "sim/scenario/predictor_file.h"
#include "sim/scenario/schema/json_schema.h"
#include "sim/study/sweep/sweep_file.h"

namespace offcut::cli {
namespace {

/// A kind of file.
struct Format {
  const scenario::KeyTable* table;
  const char* title;
};

/// In the order of kSchemas.
const std::array<Format, 5> kFormats = {{{&scenario::kScenarioKeys, "Scenario of offcut"},
                                         {&study::kSweepKeys, "Sweep of offcut"},
                                         {&scenario::kDevicesKeys, "Devices for offcut"},
                                         {&scenario::kLinksKeys, "Links for offcut"},
                                         {&scenario::kPredictorKeys, "Fitted device of offcut"}}};

}  // namespace

int schema(const std::string& kind, const scenario::Registries& registries) {
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (kind == kSchemas.at(i)) {
      const Format& format = kFormats.at(i);
      say("{}", scenario::json_schema(*format.table, format.title, registries,
                                      scenario::read_catalogue()));
      return 0;
    }
  }
  throw InputError({"offcut schema"},
                   fmt::format("no schema of {}{}", in_quotes(kind), suggestion(kind, kSchemas)));
}

}  // namespace offcut::cli
