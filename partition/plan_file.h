#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "partition/algorithm.h"
#include "partition/placement.h"

namespace offcut::partition {

/// A plan of one model, with the names that results use for both.
struct NamedPlan {
  std::string algorithm;
  std::string model;
  const Graph* graph = nullptr;
  const Problem* problem = nullptr;
  const Plan* plan = nullptr;
  std::string group = {};  // Of devices. Empty: there is one group, and no column for it.
};

/// Writes plan.csv: a row per plan and layer, and a row per input that crosses encoded.
void write_plan_file(const std::vector<NamedPlan>& plans, const std::string& path);

/// Returns the descriptions of the columns of plan.csv.
TableText plan_file_table_text();

/// Reads a placement from the plan.csv that `offcut run` writes. Only the columns layer, tier,
/// algorithm and model are read. A file holds the plans of several algorithms: `algorithm` chooses
/// one, or if it is empty, the file's first. `model` chooses among the models of that plan. Tiers
/// are in the order in which data goes through them; two tiers without data between them are in the
/// order of the file.
///
/// Throws InputError with all errors: a missing plan, unknown, missing or duplicate layers, and a
/// plan in which data would have to come back to a tier.
Placement read_plan_file(const Graph& graph, const std::string& path, const std::string& algorithm,
                         const std::string& model = "");

/// A plan for the tiers of a problem.
struct GivenPlan {
  Assignment tier_of;
  std::map<TensorId, std::string> codecs;  // As of read_plan_codecs().
};

/// Reads a plan for the problem's network and tiers. `algorithm` is that of read_plan_file(); if
/// its plan has several models, that of the problem counts, and if it has a column `group`, the
/// rows of the problem's group and those without one. Throws InputError with all errors: those of
/// read_plan_file(), unknown tiers, pinned layers elsewhere than on the device, and layers before
/// the tier of a layer that they read. REQUIRES: the problem has its graph.
GivenPlan read_plan_for(const Problem& problem, const std::string& path,
                        const std::string& algorithm);

/// Reads the codecs of the tensors that cross encoded under that plan, from the column codec: of
/// all outputs of a layer, and of inputs, whose rows have the operator `input`. Empty without such
/// a column. Throws as read_plan_file() does.
std::map<TensorId, std::string> read_plan_codecs(const Graph& graph, const std::string& path,
                                                 const std::string& algorithm,
                                                 const std::string& model = "");

}  // namespace offcut::partition
