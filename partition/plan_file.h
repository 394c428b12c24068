#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "partition/algorithm.h"
#include "partition/placement.h"

namespace offcut::partition {

/// A plan of one model, under the names that results give to both.
struct NamedPlan {
  std::string algorithm;
  std::string model;
  const Graph* graph = nullptr;
  const Problem* problem = nullptr;
  const Plan* plan = nullptr;
};

/// Writes plan.csv: a row per plan and layer, and one per input that crosses encoded.
void write_plan_file(const std::vector<NamedPlan>& plans, const std::string& path);

/// What the columns of plan.csv mean.
TableText plan_file_table_text();

/// Reads a placement from the plan.csv that `offcut run` writes: the columns layer, tier, algorithm
/// and model count, others may be there. A file holds the plans of several algorithms; `algorithm`
/// chooses one, or is empty for the file's first. Where it planned several models, `model` says
/// which. Tiers stand in the order in which data goes
/// through them; where nothing does between two, in that of the file.
///
/// Throws InputError with every error: no such plan, unknown or missing layers, one that stands
/// twice, and a plan that is no sequence of tiers, since data would have to come back to one.
Placement read_plan_file(const Graph& graph, const std::string& path, const std::string& algorithm,
                         const std::string& model = "");

/// The codecs with which tensors cross under that plan, as its column codec names them: all that a
/// layer makes, and inputs, whose rows have the operator `input`. Those that cross as they are are
/// left out, and all where there is no such column. Throws as read_plan_file() does.
std::map<TensorId, std::string> read_plan_codecs(const Graph& graph, const std::string& path,
                                                 const std::string& algorithm,
                                                 const std::string& model = "");

}  // namespace offcut::partition
