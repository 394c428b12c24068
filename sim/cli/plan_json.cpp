#include "sim/cli/plan_json.h"

#include <variant>

#include "sim/cli/plan_text.h"

namespace offcut::cli {

void add_plan_tables(Json& document, const std::vector<ModelPlans>& models,
                     const std::vector<partition::Plan>& chosen) {
  write_plan_tables(models, chosen, [&](const std::string& file, const auto& write) {
    KeptTable table;
    write(table);
    document[file.substr(0, file.find('.'))] = to_json(table);
  });
}

Json plan_notes_json(const std::vector<ModelPlans>& models) {
  Json notes = Json::array();
  for (const ModelPlans& model : models) {
    const std::string& name = model.prepared->name;
    for (const SolvedPlan& solved : model.plans) {
      const auto* plan = std::get_if<partition::Plan>(&solved.outcome);
      if (plan == nullptr) {
        continue;
      }
      if (!plan->note.empty()) {
        notes.push_back(
            {{"model", name}, {"algorithm", solved.algorithm->name}, {"note", plan->note}});
      }
      for (const partition::PlanFigure& figure : plan->figures) {
        notes.push_back({{"model", name},
                         {"algorithm", solved.algorithm->name},
                         {"figure", figure.title()},
                         {"value", figure.text()}});
      }
    }
    if (!model.explanation.empty()) {
      notes.push_back({{"model", name}, {"explanation", model.explanation}});
    }
  }
  return notes;
}

}  // namespace offcut::cli
