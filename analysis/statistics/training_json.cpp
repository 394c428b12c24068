#include "analysis/statistics/training_json.h"

#include "analysis/statistics/quantity_json.h"

namespace offcut::training {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LoadingRecord, what, total, longest, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Carried, up, down)

void to_json(nlohmann::json& json, const RoundRecord& round) {
  json = {{"round", round.round},
          {"start", round.start},
          {"end", round.end},
          {"selected", round.selected},
          {"participants", round.participants},
          {"late", round.late},
          {"lost", round.lost},
          {"bytes_up", round.bytes_up},
          {"bytes_down", round.bytes_down},
          {"compute", round.compute},
          {"communication", round.communication},
          {"waiting", round.waiting},
          {"rate", round.rate},
          {"loss", round.loss},
          {"test_loss", analysis::optional_json(round.test_loss)},
          {"accuracy", analysis::optional_json(round.accuracy)},
          {"energy", round.energy}};
}

void from_json(const nlohmann::json& json, RoundRecord& round) {
  round.round = json.at("round");
  round.start = json.at("start");
  round.end = json.at("end");
  round.selected = json.at("selected");
  round.participants = json.at("participants");
  round.late = json.at("late");
  round.lost = json.at("lost");
  round.bytes_up = json.at("bytes_up");
  round.bytes_down = json.at("bytes_down");
  round.compute = json.at("compute");
  round.communication = json.at("communication");
  round.waiting = json.at("waiting");
  round.rate = json.at("rate");
  round.loss = json.at("loss");
  round.test_loss = analysis::optional_value<double>(json.at("test_loss"));
  round.accuracy = analysis::optional_value<double>(json.at("accuracy"));
  round.energy = json.at("energy");
}
}  // namespace offcut::training

namespace offcut::analysis {

nlohmann::json json_of(const TrainingSummary& summary) {
  return {{"strategy", summary.strategy},
          {"end", static_cast<int>(summary.end)},
          {"rounds", summary.rounds},
          {"duration", summary.duration},
          {"accuracy", optional_json(summary.accuracy)},
          {"best_accuracy", optional_json(summary.best_accuracy)},
          {"test_loss", optional_json(summary.test_loss)},
          {"loss", summary.loss},
          {"target", optional_json(summary.target)},
          {"reached", optional_json(summary.reached)},
          {"selected", summary.selected},
          {"participants", summary.participants},
          {"late", summary.late},
          {"lost", summary.lost},
          {"up", summary.up},
          {"down", summary.down},
          {"energy", summary.energy},
          {"compute", summary.compute},
          {"communication", summary.communication},
          {"waiting", summary.waiting},
          {"sync", summary.sync},
          {"of_loading", summary.of_loading},
          {"after_end", summary.after_end},
          {"of_sites", summary.of_sites},
          {"loading", summary.loading},
          {"shown", summary.shown}};
}

TrainingSummary training_summary_of(const nlohmann::json& json) {
  TrainingSummary summary;
  summary.strategy = json.at("strategy");
  summary.end = static_cast<training::TrainingRecord::End>(json.at("end").get<int>());
  summary.rounds = json.at("rounds");
  summary.duration = json.at("duration");
  summary.accuracy = optional_value<double>(json.at("accuracy"));
  summary.best_accuracy = optional_value<double>(json.at("best_accuracy"));
  summary.test_loss = optional_value<double>(json.at("test_loss"));
  summary.loss = json.at("loss");
  summary.target = optional_value<double>(json.at("target"));
  summary.reached = optional_value<Seconds>(json.at("reached"));
  summary.selected = json.at("selected");
  summary.participants = json.at("participants");
  summary.late = json.at("late");
  summary.lost = json.at("lost");
  summary.up = json.at("up");
  summary.down = json.at("down");
  summary.energy = json.at("energy");
  summary.compute = json.at("compute");
  summary.communication = json.at("communication");
  summary.waiting = json.at("waiting");
  summary.sync = json.at("sync");
  summary.of_loading = json.at("of_loading");
  summary.after_end = json.at("after_end");
  summary.of_sites = json.at("of_sites");
  summary.loading = json.at("loading").get<std::vector<training::LoadingRecord>>();
  summary.shown = json.at("shown").get<std::vector<training::RoundRecord>>();
  return summary;
}

}  // namespace offcut::analysis
