#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/base/named.h"
#include "models/codec/codec.h"
#include "models/train/weights.h"
#include "sim/scheduling/scheduling.h"
#include "sim/training/strategy.h"

namespace offcut::scenario {

/// A network of devices that hold different features of the same samples; see
/// training::vertical_network().
struct JointNetwork {
  std::vector<std::int64_t> hidden, head;
  std::int64_t embedding = 16;
};

/// A training job as the section `training` states it. Names are resolved; whether network, samples
/// and strategy fit together shows when sim/experiment loads them.
struct TrainingChoice {
  /// The network: one of Scenario::models, a network of the zoo, an ONNX file, or a joint one.
  std::optional<std::size_t> model;
  std::string network;  // Of the zoo; empty: another source.
  std::string onnx;     // A path; empty: another source.
  std::optional<JointNetwork> joint;
  /// The seed of fresh weights. None: a network of the zoo has those of the scenario's seed, and an
  /// ONNX file has its own.
  std::optional<std::uint64_t> init;
  std::string dataset;  // As `offcut train` takes it; see dataset::open_dataset().

  const training::StrategyKind* strategy = nullptr;
  training::StrategySettings settings;  // With the parameters of the strategy.
  /// Null: the strategy does not aggregate.
  scheduling::Choice<training::AggregatorKind> aggregator;
  scheduling::Choice<training::SelectionKind> selection;
  scheduling::Choice<training::SplitKind> split;

  std::string codec_text;  // Empty: float32.
  std::shared_ptr<const codec::Codec> codec;
  training::Loading loading;
  training::StopRule stop;
  std::optional<Named> loss;  // None: see train::default_loss().
  Named optimizer;
  train::WeightChoice weights;
  std::optional<double> clip;
  std::int64_t judge_every = 1;

  /// Of the values of the section's keys, and of the strategy's: "codec", "strategy.cut".
  std::map<std::string, Place> places;
  Place place, model_place, dataset_place, strategy_place, split_place, weights_place,
      loss_place;

  /// The name by which the user chose strategy or aggregator.
  const std::string& method() const {
    return aggregator && named_by_aggregator ? aggregator.kind->name : strategy->name;
  }
  bool named_by_aggregator = false;
};

}  // namespace offcut::scenario
