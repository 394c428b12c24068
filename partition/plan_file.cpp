// Reads plan.csv: chooses the rows of one algorithm and model, collects all errors in them, and
// brings the tiers into the order of the data by a topological sort.

#include "partition/plan_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "models/base/csv_rows.h"
#include "models/base/error.h"
#include "models/base/readable.h"
#include "models/graph/layer_dag.h"

namespace offcut::partition {
namespace {

constexpr std::string_view kExpected = "a plan as offcut run writes it";

/// The layers of one plan with their tiers, read row by row.
class PlanReader {
 public:
  PlanReader(const Graph& graph, const std::string& path)
      : graph_(graph), file_(read_csv(path, kExpected)) {
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      names_.push_back(graph.layer(id).name);
    }
    tier_of_.resize(graph.layer_count());
    row_of_.resize(graph.layer_count());
  }

  /// Reads a plan for this problem, see read_plan_for().
  void read_for(const Problem& problem, const std::string& algorithm) {
    problem_ = &problem;
    tiers_ = problem.tiers;
    group_ = problem.extras.group;
    read(algorithm, problem.extras.model);
  }

  void read(const std::string& algorithm, const std::string& model) {
    const std::vector<CsvRow>& rows = file_.rows;
    read_header(rows.front());
    keep_group();
    const std::string chosen = choose(rows, algorithm, model);
    std::vector<const CsvRow*> plan;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i].fields.size() == rows.front().fields.size() &&
          rows[i].fields[column_.at("algorithm")] == chosen) {
        plan.push_back(&rows[i]);
      }
    }
    const std::string chosen_model = choose_model(plan, model);
    for (const CsvRow* row : plan) {
      if (optional_field(*row, "model") == chosen_model) {
        add(*row);
      }
    }
    if (problem_ != nullptr) {
      report_misplaced();
    }
    report_unknown();
    report_missing(chosen);
    stop_on_diagnostics();
  }

  /// Returns the plan with its tiers in the order of the file.
  Placement placement() const {
    Placement placement{.tiers = tiers_};
    for (const auto& tier : tier_of_) {
      placement.tier_of.push_back(*tier);
    }
    return placement;
  }

  const std::map<TensorId, std::string>& codecs() const { return codecs_; }

 private:
  /// Notes an error of the whole file.
  void note(std::string message) { diagnostics_.push_back({{file_.path}, std::move(message)}); }
  /// Notes an error in the row's field.
  void note(const CsvRow& row, const char* column, std::string message) {
    diagnostics_.push_back({file_.place_of(row, column_.at(column)), std::move(message)});
  }
  /// Notes an error in the whole row.
  void note(const CsvRow& row, std::string message) {
    diagnostics_.push_back({file_.place_of(row, 0), std::move(message)});
  }
  void stop_on_diagnostics() {
    if (!diagnostics_.empty()) {
      throw InputError(std::move(diagnostics_));
    }
  }

  void read_header(const CsvRow& header) {
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      column_.emplace(header.fields[i], i);
    }
    for (const char* name : {"algorithm", "layer", "tier"}) {
      if (!column_.contains(name)) {
        note(header, fmt::format("column '{}' is missing; expected {}", name, kExpected));
      }
    }
    stop_on_diagnostics();
  }

  /// Keeps the rows of the problem's group of devices, and those that hold for all groups.
  void keep_group() {
    const auto column = column_.find("group");
    if (column == column_.end()) {
      return;
    }
    std::vector<std::string> groups;
    const auto is_of_other = [&](const CsvRow& row) {
      if (&row == &file_.rows.front() || row.fields.size() != file_.rows.front().fields.size()) {
        return false;
      }
      const std::string& name = row.fields[column->second];
      if (std::find(groups.begin(), groups.end(), name) == groups.end()) {
        groups.push_back(name);
      }
      return !group_.empty() && !name.empty() && name != group_;
    };
    std::vector<CsvRow> kept;
    for (const CsvRow& row : file_.rows) {
      if (!is_of_other(row)) {
        kept.push_back(row);
      }
    }
    if (kept.size() == 1 && file_.rows.size() > 1) {
      note(fmt::format("holds no plan of group {}{}", in_quotes(group_),
                       suggestion(group_, groups)));
      stop_on_diagnostics();
    }
    if (group_.empty() && groups.size() > 1) {
      note(fmt::format("holds plans of several groups of devices; expected the rows of one: {}",
                       fmt::join(groups, ", ")));
      stop_on_diagnostics();
    }
    file_.rows = std::move(kept);
  }

  /// Returns the algorithm whose rows count; one that planned `model`, if any did. Notes broken
  /// rows.
  std::string choose(const std::vector<CsvRow>& rows, const std::string& wanted,
                     const std::string& model) {
    std::vector<std::string> algorithms;
    const bool any = std::any_of(rows.begin() + 1, rows.end(), [&](const CsvRow& row) {
      return row.fields.size() == rows.front().fields.size() &&
             optional_field(row, "model") == model;
    });
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i].fields.size() != rows.front().fields.size()) {
        note(rows[i], fmt::format("{} fields, expected {}", rows[i].fields.size(),
                                  rows.front().fields.size()));
        continue;
      }
      const std::string& name = rows[i].fields[column_.at("algorithm")];
      if (any && optional_field(rows[i], "model") != model) {
        continue;
      }
      if (std::find(algorithms.begin(), algorithms.end(), name) == algorithms.end()) {
        algorithms.push_back(name);
      }
    }
    if (algorithms.empty()) {
      note(fmt::format("holds no plan; expected {}", kExpected));
    } else if (!wanted.empty() &&
               std::find(algorithms.begin(), algorithms.end(), wanted) == algorithms.end()) {
      note(fmt::format("holds no plan of algorithm {}{}", in_quotes(wanted),
                       suggestion(wanted, algorithms)));
    }
    stop_on_diagnostics();
    return wanted.empty() ? algorithms.front() : wanted;
  }

  /// Returns the model whose rows count, among those of the plan.
  std::string choose_model(const std::vector<const CsvRow*>& plan, const std::string& wanted) {
    std::vector<std::string> models;
    for (const CsvRow* row : plan) {
      const std::string name = optional_field(*row, "model");
      if (std::find(models.begin(), models.end(), name) == models.end()) {
        models.push_back(name);
      }
    }
    if (problem_ != nullptr && models.size() == 1) {
      return models.front();
    }
    if (!wanted.empty() && !column_.contains("model")) {
      note(file_.rows.front(), "column 'model' is missing; it names the model of each plan");
    } else if (!wanted.empty() && std::find(models.begin(), models.end(), wanted) == models.end()) {
      note(fmt::format("holds no plan of model {}{}", in_quotes(wanted),
                       suggestion(wanted, models)));
    } else if (wanted.empty() && models.size() > 1) {
      note(fmt::format("holds plans of several models; expected the name of one: {}",
                       fmt::join(models, ", ")));
    }
    stop_on_diagnostics();
    return wanted.empty() ? models.front() : wanted;
  }

  /// Returns the row's field; empty without such a column.
  std::string optional_field(const CsvRow& row, const std::string& name) const {
    const auto column = column_.find(name);
    return column == column_.end() ? "" : row.fields[column->second];
  }

  void add(const CsvRow& row) {
    const std::string& name = row.fields[column_.at("layer")];
    const std::string codec = optional_field(row, "codec");
    if (optional_field(row, "operator") == "input") {
      add_input(row, name, codec);
      return;
    }
    const std::string& given = row.fields[column_.at("tier")];
    const bool is_device =
        problem_ != nullptr && !given.empty() && given == problem_->extras.device_tier;
    const std::string& tier = is_device ? tiers_.front() : given;
    const auto layer = graph_.find_layer(name);
    ++rows_;
    if (!layer) {
      unknown_.push_back(&row);
      return;
    }
    if (tier.empty()) {
      note(row, "tier", fmt::format("layer {} has no tier", in_quotes(name)));
    }
    if (tier_of_[*layer]) {
      note(row, "layer", fmt::format("layer {} appears twice", in_quotes(name)));
    }
    for (const TensorId output : graph_.layer(*layer).outputs) {
      if (!codec.empty()) {
        codecs_[output] = codec;
      }
    }
    const auto it = std::find(tiers_.begin(), tiers_.end(), tier);
    tier_of_[*layer] = static_cast<std::size_t>(it - tiers_.begin());
    row_of_[*layer] = &row;
    if (it == tiers_.end() && problem_ == nullptr) {
      tiers_.push_back(tier);
    } else if (it == tiers_.end() && !tier.empty()) {
      note(row, "tier",
           fmt::format("unknown tier {}{}", in_quotes(tier), suggestion(tier, tiers_)));
    }
  }

  void add_input(const CsvRow& row, const std::string& name, const std::string& codec) {
    const auto tensor = graph_.find_tensor(name);
    const auto& inputs = graph_.inputs();
    if (!tensor || std::find(inputs.begin(), inputs.end(), *tensor) == inputs.end()) {
      note(row, "layer", fmt::format("the model has no input {}", in_quotes(name)));
    } else if (!codec.empty()) {
      codecs_[*tensor] = codec;
    }
  }

  /// Notes unknown layers. A few are misspelt; if most layers are unknown, the plan is of another
  /// model.
  void report_unknown() {
    constexpr std::size_t kShown = 3;
    const auto name = [&](std::size_t i) { return unknown_[i]->fields[column_.at("layer")]; };
    if (unknown_.size() > kShown && unknown_.size() * 2 > rows_) {
      std::string some;
      for (std::size_t i = 0; i < kShown; ++i) {
        some += in_quotes(name(i)) + ", ";
      }
      note(fmt::format("is the plan of another model: {} of its {} layers are not in {} ({}...)",
                       unknown_.size(), rows_, graph_.name(), some));
      stop_on_diagnostics();
    }
    for (std::size_t i = 0; i < unknown_.size(); ++i) {
      note(*unknown_[i], "layer",
           fmt::format("the model has no layer {}{}", in_quotes(name(i)),
                       suggestion(name(i), names_)));
    }
    std::stable_sort(
        diagnostics_.begin(), diagnostics_.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return a.place.line < b.place.line; });
  }

  void report_missing(const std::string& algorithm) {
    constexpr std::size_t kShown = 5;
    std::vector<std::string> missing;
    for (LayerId id = 0; id < tier_of_.size(); ++id) {
      if (!tier_of_[id]) {
        missing.push_back(names_[id]);
      }
    }
    if (!missing.empty()) {
      const std::size_t count = missing.size();
      missing.resize(std::min(count, kShown));
      note(fmt::format("the plan of '{}' places {} of the model's {}; missing: {}{}", algorithm,
                       names_.size() - count, counted(names_.size(), "layer"),
                       fmt::join(missing, ", "), count > kShown ? ", ..." : ""));
    }
  }

  /// Notes layers that can't be on their tiers. REQUIRES: there is a problem.
  void report_misplaced() {
    const auto& pinned = problem_->goal.limits.pinned;
    for (LayerId id = 0; id < tier_of_.size(); ++id) {
      if (!tier_of_[id] || *tier_of_[id] >= tiers_.size()) {
        continue;
      }
      if (!std::binary_search(pinned.begin(), pinned.end(), id)) {
        report_backward(id);
      } else if (*tier_of_[id] > 0) {
        note(*row_of_[id], "tier",
             fmt::format("layer {} is pinned to {}", in_quotes(names_[id]), in_quotes(tiers_[0])));
      }
    }
  }

  /// Notes it if the layer reads another one of a later tier.
  void report_backward(LayerId id) {
    const auto [first, last] = boost::in_edges(id, graph_.dag());
    for (auto edge = first; edge != last; ++edge) {
      const LayerId producer = boost::source(*edge, graph_.dag());
      const auto from = tier_of_[producer];
      if (from && *from < tiers_.size() && *from > *tier_of_[id]) {
        note(*row_of_[id], "tier",
             fmt::format("layer {} is on {}, but reads layer {} of the later tier {}",
                         in_quotes(names_[id]), in_quotes(tiers_[*tier_of_[id]]),
                         in_quotes(names_[producer]), in_quotes(tiers_[*from])));
        return;
      }
    }
  }

  const Graph& graph_;
  CsvFile file_;
  const Problem* problem_ = nullptr;  // Null: any tiers, in any order.
  std::string group_;                 // Of devices; empty: all rows count.
  std::map<std::string, std::size_t> column_;
  std::vector<std::string> names_;
  std::vector<std::string> tiers_;
  std::vector<std::optional<std::size_t>> tier_of_;
  std::vector<const CsvRow*> row_of_;
  std::map<TensorId, std::string> codecs_;
  std::size_t rows_ = 0;                // The number of the plan's rows.
  std::vector<const CsvRow*> unknown_;  // Rows whose layer the model does not have.
  std::vector<Diagnostic> diagnostics_;
};

/// A tensor that goes from one tier to another.
struct Flow {
  std::size_t from;
  std::size_t to;
  LayerId producer;
  LayerId consumer;
};

std::vector<Flow> flows(const Graph& graph, const Assignment& tier_of) {
  std::vector<Flow> all;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const auto [first, last] = boost::in_edges(id, graph.dag());
    for (auto edge = first; edge != last; ++edge) {
      const LayerId producer = boost::source(*edge, graph.dag());
      if (tier_of[producer] != tier_of[id]) {
        all.push_back({tier_of[producer], tier_of[id], producer, id});
      }
    }
  }
  return all;
}

/// Describes a cycle of tiers that wait for each other. REQUIRES: each tier that a flow comes from
/// is also one that a flow goes to.
std::string cycle_text(const Graph& graph, const Placement& given, const std::vector<Flow>& left) {
  std::vector<const Flow*> path;
  std::size_t tier = left.front().from;
  const auto flow_into = [&](std::size_t to) {
    return &*std::find_if(left.begin(), left.end(), [&](const Flow& f) { return f.to == to; });
  };
  const auto seen = [&] {
    return std::find_if(path.begin(), path.end(), [&](const Flow* f) { return f->to == tier; });
  };
  while (seen() == path.end()) {
    path.push_back(flow_into(tier));
    tier = path.back()->from;
  }
  std::vector<std::string> steps;
  for (auto it = seen(); it != path.end(); ++it) {
    const Flow& flow = **it;
    steps.push_back(fmt::format("'{}' waits for '{}' (layer '{}' reads layer '{}')",
                                given.tiers[flow.to], given.tiers[flow.from],
                                graph.layer(flow.consumer).name, graph.layer(flow.producer).name));
  }
  return fmt::format("{}", fmt::join(steps, ", "));
}

/// Brings the tiers into the order of the data, by Kahn's algorithm; among tiers that may be next,
/// the first of the file is next. Throws InputError if the tiers have no such order.
Placement in_order(const Graph& graph, const Placement& given, const std::string& path) {
  std::vector<Flow> left = flows(graph, given.tier_of);
  std::vector<std::size_t> order;
  std::vector<std::size_t> rank(given.tiers.size(), given.tiers.size());
  while (order.size() < given.tiers.size()) {
    std::size_t next = 0;
    const auto waits = [&](std::size_t tier) {
      return std::any_of(left.begin(), left.end(),
                         [&](const Flow& flow) { return flow.to == tier; });
    };
    while (next < given.tiers.size() && (rank[next] < given.tiers.size() || waits(next))) {
      ++next;
    }
    if (next == given.tiers.size()) {
      throw InputError({path}, fmt::format("can't be split, because its tiers have no order: {}",
                                           cycle_text(graph, given, left)));
    }
    rank[next] = order.size();
    order.push_back(next);
    std::erase_if(left, [&](const Flow& flow) { return flow.from == next; });
  }
  Placement placement;
  for (const std::size_t tier : order) {
    placement.tiers.push_back(given.tiers[tier]);
  }
  for (const std::size_t tier : given.tier_of) {
    placement.tier_of.push_back(rank[tier]);
  }
  return placement;
}

}  // namespace

Placement read_plan_file(const Graph& graph, const std::string& path, const std::string& algorithm,
                         const std::string& model) {
  PlanReader reader(graph, path);
  reader.read(algorithm, model);
  return in_order(graph, reader.placement(), path);
}

GivenPlan read_plan_for(const Problem& problem, const std::string& path,
                        const std::string& algorithm) {
  PlanReader reader(*problem.extras.graph, path);
  reader.read_for(problem, algorithm);
  return {reader.placement().tier_of, reader.codecs()};
}

std::map<TensorId, std::string> read_plan_codecs(const Graph& graph, const std::string& path,
                                                 const std::string& algorithm,
                                                 const std::string& model) {
  PlanReader reader(graph, path);
  reader.read(algorithm, model);
  return reader.codecs();
}

}  // namespace offcut::partition
